package multiprocessing.internal.launch;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.util.List;
import multiprocessing.internal.os.ForkHelper;
import multiprocessing.internal.session.ExitOrder;
import multiprocessing.internal.session.Finalizers;
import multiprocessing.internal.session.ForkHooks;
import multiprocessing.internal.session.Log;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.shm.SharedBlock;
import multiprocessing.internal.shm.TreeMemory;
import multiprocessing.internal.wire.FrameSocket;
import multiprocessing.internal.wire.Reader;

/**
 * The life of a child that is a copy of its parent. It begins with all that the parent's objects
 * say, of which it forgets what is not true of it: children, finalizers, its name.
 */
final class ForkedCopy {
  /** What the child says when it holds what is shared, and is sound. */
  private static final byte[] HOLDING = {};

  private static final int BUFFER_BYTES = 8192;

  private ForkedCopy() {}

  /** The JDK's, by their names, which are private: what goes through hooks on the way. */
  private static final String[] ITERATORS = {
    "java.util.concurrent.CopyOnWriteArrayList$COWIterator",
    "java.util.IdentityHashMap$IdentityHashMapIterator",
    "java.util.IdentityHashMap$KeyIterator"
  };

  /** Loads, once in the parent, what each child would have to load. */
  static void prepare() {
    Class<?>[] types = {
      Assignment.class,
      ForkProbe.class,
      ParentWatch.class,
      ParentWatch.End.class,
      Preparation.class,
      Reader.class,
      Finalizers.class,
      Finalizers.Finalizer.class,
      Session.Parent.class
    };
    Thread _ = TaskRunner.otherThread();
    try {
      for (Class<?> type : types) {
        Class.forName(type.getName(), true, type.getClassLoader());
      }
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e); // it was there a moment ago
    }
    for (String iterator : ITERATORS) {
      try {
        Class.forName(iterator);
      } catch (ClassNotFoundException e) {
        // this JDK does without
      }
    }
  }

  /** Does not return, by no means: above this method on the stack is the parent's program. */
  static void live(
      FrameSocket control, LaunchRequest request, List<SharedBlock> blocks, ForkHooks.Fork hooks) {
    int code = 1;
    try {
      code = run(control, request, blocks, hooks);
    } catch (Throwable t) {
      TaskRunner.report(t);
    } finally {
      ForkHelper.leave(code);
    }
  }

  private static int run(
      FrameSocket control, LaunchRequest request, List<SharedBlock> blocks, ForkHooks.Fork hooks) {
    ForkHelper.completeIn(ForkedChild.WAITING_NANOS);
    boolean _ = Thread.interrupted(); // it was the parent's thread that was meant
    TaskRunner.forgetThreads();
    ForkHooks.forget();
    ExitOrder.hooksAreGone();
    ExitOrder.resetForked();
    TreeMemory.attachForked();
    SharedBlock.holdForked(blocks);
    SharedBlock.goOn();
    ParentWatch watch = ForkProbe.pass();
    control.send(HOLDING);
    Assignment assignment = Assignment.await(control);
    if (assignment == null) {
      return 1; // the parent is gone
    }
    ForkHelper.completeIn(ForkedChild.ALONE_NANOS);
    redirect(assignment);
    Log.Sink sink = Log.sink();
    Preparation preparation = Preparation.read(assignment.preparation());
    if (Log.relay().isEmpty()) {
      Log.setSink(sink); // which may be a logger of the user's
    }
    ChildLife.begin(preparation, control);
    watch.begin(control);
    hooks.inChild();
    int code = TaskRunner.runTask(request);
    TaskRunner.finish(code);
    return code;
  }

  /** Where the parent has its own streams, they would not go to the files that were asked for. */
  private static void redirect(Assignment assignment) {
    if (assignment.newStdout()) {
      System.setOut(stream(FileDescriptor.out, System.out));
    }
    if (assignment.newStderr()) {
      System.setErr(stream(FileDescriptor.err, System.err));
    }
  }

  private static PrintStream stream(FileDescriptor descriptor, PrintStream old) {
    FileOutputStream file = new FileOutputStream(descriptor);
    return new PrintStream(new BufferedOutputStream(file, BUFFER_BYTES), true, old.charset());
  }
}
