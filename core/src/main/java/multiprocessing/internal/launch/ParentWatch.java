package multiprocessing.internal.launch;

import multiprocessing.internal.os.UnixSocket;
import multiprocessing.internal.session.Finalizers;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.wire.FrameSocket;

/**
 * Ends this process when its parent is gone. The kernel does the same by itself; this is for what
 * it does not cover, and sees the grandchildren off.
 *
 * <p>The watch ends with the finalizers: a virtual machine that exits while a thread is in native
 * code waits 300 ms for it.
 */
final class ParentWatch extends Thread {
  private static final long STACK_BYTES = 256 * 1024;

  private final FrameSocket control;

  private ParentWatch(FrameSocket control) {
    super(null, null, "multiprocessing-parent-watch", STACK_BYTES, false);
    this.control = control;
  }

  static void start(FrameSocket control) {
    ParentWatch watch = new ParentWatch(control);
    watch.setDaemon(true);
    watch.start();
    Finalizers.add(Finalizers.LAST, new End(watch));
  }

  @Override
  public void run() {
    try {
      while (control.receive() != null) {
        // a parent has nothing to say yet
      }
    } finally {
      if (!Session.get().isEnding()) {
        leave();
      }
    }
  }

  private static void leave() {
    Supervisor supervisor = Supervisor.existing();
    if (supervisor != null) {
      supervisor.killAll();
    }
    Runtime.getRuntime().halt(1);
  }

  /** No lambda: it is on the way of each start. */
  record End(ParentWatch watch) implements Runnable {
    @Override
    public void run() {
      UnixSocket.shutdown(watch.control.descriptor());
    }
  }
}
