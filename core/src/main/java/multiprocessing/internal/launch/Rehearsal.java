package multiprocessing.internal.launch;

import java.io.Serializable;
import java.util.function.Supplier;
import multiprocessing.internal.os.UnixSocket;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.session.ExitOrder;
import multiprocessing.internal.session.Log;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.wire.FrameSocket;

/**
 * What a zygote does so that its children need not: it lives the life of a child, from the
 * assignment to the end of the task, once before its first fork, and again and again while nobody
 * asks for a child, until the code is compiled.
 */
final class Rehearsal {
  private static final int ROUNDS = 300;
  private static final int ROUNDS_AT_ONCE = 10;

  private final Session.Birth zygote;
  private int rounds;

  /** Rehearsals in the process that is {@code zygote} in between. */
  Rehearsal(Session.Birth zygote) {
    this.zygote = zygote;
  }

  boolean isOver() {
    return rounds >= ROUNDS;
  }

  /** Rehearses some more. */
  void goOn() {
    if (rounds == 1) {
      Codec.shared().warmUp();
    }
    for (int i = 0; i < ROUNDS_AT_ONCE; i++) {
      once();
    }
    if (isOver()) {
      System.gc(); // children share what is left, and begin with an empty young generation
    }
  }

  /** Rehearses once. */
  void once() {
    rounds++;
    Log.Sink sink = Log.sink();
    byte[] key = Session.get().authKey();
    String startMethod = Session.get().startMethod();
    Log.inherit(Log.OFF, false);
    int[] ends = UnixSocket.pair();
    FrameSocket parent = new FrameSocket(ends[0]);
    FrameSocket child = new FrameSocket(ends[1]);
    try {
      LaunchRequest request =
          new LaunchRequest(new Session.Birth("Rehearsal", "", true, null), key, task());
      try (Assignment.Draft assignment = new Assignment.Draft(request)) {
        assignment.send(parent);
      }
      Preparation preparation = ForkedChild.become(child);
      if (preparation != null) {
        TaskRunner.runTask(preparation);
        TaskRunner.finish(0);
      }
      ParentWatch.awaitEnd();
    } finally {
      parent.close();
      child.close();
      Log.setSink(sink);
      ExitOrder.resetForked();
      Session.become(zygote, key).setStartMethod(startMethod);
    }
  }

  private static Runnable task() {
    return new Task((Supplier<String> & Serializable) () -> "rehearsal");
  }

  private record Task(Supplier<String> text) implements Runnable, Serializable {
    @Override
    public void run() {
      if (text.get().isEmpty()) {
        throw new IllegalStateException("the task has lost what it captured");
      }
    }
  }
}
