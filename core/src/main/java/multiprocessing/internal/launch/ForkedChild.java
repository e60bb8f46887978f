package multiprocessing.internal.launch;

import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.ForkHelper;
import multiprocessing.internal.os.ProcessControl;
import multiprocessing.internal.session.ExitOrder;
import multiprocessing.internal.session.ForkHooks;
import multiprocessing.internal.shm.SharedBlock;
import multiprocessing.internal.shm.TreeMemory;
import multiprocessing.internal.wire.FrameSocket;
import multiprocessing.internal.wire.Writer;
import org.jspecify.annotations.Nullable;

/** The life of a child that was forked from a zygote. */
final class ForkedChild {
  private ForkedChild() {}

  /**
   * How long a child that has begun is without those threads of the virtual machine that wait for
   * work: many a child has ended by then.
   */
  static final long ALONE_NANOS = 5_000_000;

  /** The same for a child that waits for its task; then the task shortens it. */
  static final long WAITING_NANOS = 2_000_000_000;

  /** How long a child must have nothing to do before it rehearses. */
  private static final long IDLE_MILLIS = 20;

  /** Waits to be told what child this is, and is that; does not return. */
  static void live(FrameSocket control, ForkHooks.Fork hooks, Rehearsal rehearsal) {
    int code = 1;
    try {
      code = run(control, hooks, rehearsal);
    } catch (Throwable t) {
      TaskRunner.report(t);
    } finally {
      ForkHelper.leave(code);
    }
  }

  private static int run(FrameSocket control, ForkHooks.Fork hooks, Rehearsal rehearsal) {
    ForkHelper.completeIn(WAITING_NANOS);
    ProcessControl.dieWithParent();
    control.send(new Writer().number(ProcessControl.pid()).toBytes());
    TreeMemory.attachForked(); // now, when nobody waits for it
    SharedBlock.holdNone();
    if (!Descriptors.await(new int[] {control.descriptor()}, IDLE_MILLIS)[0]) {
      rehearsal.again(); // so that the pages that it will write to are its own by then
    }
    Preparation preparation = become(control);
    if (preparation == null || ProcessControl.parentPid() != preparation.parent().pid()) {
      return 1; // the parent is gone
    }
    hooks.inChild();
    int code = TaskRunner.runTask(preparation);
    TaskRunner.finish(code);
    return code;
  }

  /** Everything up to the task; null if the parent is gone. */
  static @Nullable Preparation become(FrameSocket control) {
    Assignment assignment = Assignment.await(control);
    if (assignment == null) {
      return null;
    }
    ForkHelper.completeIn(ALONE_NANOS);
    Preparation preparation = Preparation.read(assignment.preparation());
    SharedBlock.goOn();
    ExitOrder.resetForked();
    ChildLife.setTimeZone(preparation.timeZone());
    ChildLife.begin(preparation, control);
    return preparation;
  }
}
