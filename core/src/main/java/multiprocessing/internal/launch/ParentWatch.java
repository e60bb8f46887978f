package multiprocessing.internal.launch;

import multiprocessing.internal.os.UnixSocket;
import multiprocessing.internal.session.Finalizers;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.wire.FrameSocket;
import org.jspecify.annotations.Nullable;

/**
 * Ends this process when its parent is gone. The kernel does the same by itself; this is for what
 * it does not cover, and sees the grandchildren off.
 *
 * <p>The watch ends with the finalizers: a virtual machine that exits while a thread is in native
 * code waits 300 ms for it.
 */
final class ParentWatch extends Thread {
  private static final long STACK_BYTES = 256 * 1024;

  private @Nullable FrameSocket control;
  private boolean isRunning;

  private ParentWatch() {
    super(null, null, "multiprocessing-parent-watch", STACK_BYTES, false);
    setDaemon(true);
  }

  /** A watch that begins at once. */
  static void start(FrameSocket control) {
    prepare().begin(control);
  }

  /** A watch that waits for its begin. */
  static ParentWatch prepare() {
    ParentWatch watch = new ParentWatch();
    watch.start();
    return watch;
  }

  /** Waits until its thread runs. */
  synchronized void awaitRunning() throws InterruptedException {
    while (!isRunning) {
      wait();
    }
  }

  /** From now on only the watch receives from the socket. */
  synchronized void begin(FrameSocket control) {
    this.control = control;
    notifyAll();
    Finalizers.add(Finalizers.LAST, new End(control));
  }

  private synchronized FrameSocket awaitBegin() throws InterruptedException {
    isRunning = true;
    notifyAll();
    while (control == null) {
      wait();
    }
    return control;
  }

  @Override
  public void run() {
    FrameSocket watched;
    try {
      watched = awaitBegin();
    } catch (InterruptedException e) {
      return; // the kernel watches, too
    }
    try {
      while (watched.receive() != null) {
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
  record End(FrameSocket control) implements Runnable {
    @Override
    public void run() {
      UnixSocket.shutdown(control.descriptor());
    }
  }
}
