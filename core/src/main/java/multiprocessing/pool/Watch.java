package multiprocessing.pool;

import java.util.concurrent.TimeUnit;
import multiprocessing.error.TaskTimeoutException;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.serial.Payload;
import multiprocessing.internal.session.Session;

/**
 * A thread of a worker that does what the pool orders while the worker is busy: interrupt the task,
 * or tell where all threads are. It is started with the first task that has a time limit.
 */
final class Watch implements Runnable {
  private static final long NOTHING = -1;

  private final Channel channel;
  private final Thread worker = Thread.currentThread();
  private boolean started;
  private long current = NOTHING;
  private boolean interrupted;

  Watch(Channel channel) {
    this.channel = channel;
  }

  void start() {
    if (!started) {
      started = true;
      Thread thread = new Thread(this, "multiprocessing-watch");
      thread.setDaemon(true);
      thread.start();
    }
  }

  /** The worker begins something that may be interrupted. */
  void begin(long position) {
    if (started) {
      synchronized (this) {
        current = position;
        interrupted = false;
      }
    }
  }

  /** It has ended; from here on it is not interrupted. Tells whether it was. */
  boolean end() {
    if (!started) {
      return false;
    }
    synchronized (this) {
      current = NOTHING;
    }
    boolean _ = Thread.interrupted();
    return interrupted;
  }

  /** The exception of a task that failed after it was interrupted. */
  Throwable timedOut(long start, Throwable thrown) {
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    return new TaskTimeoutException(
        "the task was interrupted at its soft time limit, and failed after " + millis + " ms",
        Session.get().pid(),
        "",
        thrown);
  }

  @Override
  public void run() {
    long last = 0;
    while (true) {
      last = channel.awaitOrder(last);
      if (last < 0) { // no position: tell where the threads are
        Payload text = Codec.shared().encode(ThreadDump.of(worker));
        channel.report(
            Message.of(Message.DUMP, 0, 0, text), Message.HEAD + text.headLength(), text.body());
      } else {
        interrupt(last);
      }
    }
  }

  private synchronized void interrupt(long position) {
    if (current == position) {
      interrupted = true;
      worker.interrupt();
    }
  }
}
