package multiprocessing.pool;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import multiprocessing.internal.session.Log;

/**
 * Counts the items of one job, and tells the listener in a thread that is not the pool's: one at a
 * time, which tells the newest when it is done with the one before.
 */
final class ProgressMeter {
  private static final long EVERY_NANOS = 100_000_000;

  private final ProgressListener listener;
  private final String name;
  private final OptionalLong total;
  private final long start = System.nanoTime();
  private final AtomicLong done = new AtomicLong();
  private long job;
  private long toldNanos = start - EVERY_NANOS;
  private boolean telling;
  private boolean again;
  private boolean ended;
  private boolean toldEnd;

  ProgressMeter(ProgressListener listener, String name, OptionalLong total) {
    this.listener = listener;
    this.name = name;
    this.total = total;
  }

  void begin(long id) {
    synchronized (this) {
      job = id;
    }
    tell(true);
  }

  void done(int items) {
    done.addAndGet(items);
    tell(false);
  }

  void end() {
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
    }
    tell(true);
  }

  private synchronized void tell(boolean now) {
    long time = System.nanoTime();
    if (!now && time - toldNanos < EVERY_NANOS) {
      return;
    }
    toldNanos = time;
    again = true;
    if (!telling) {
      telling = true;
      Thread.ofVirtual().name("multiprocessing-progress").start(this::tellAll);
    }
  }

  private void tellAll() {
    while (true) {
      ProgressListener.Progress progress;
      synchronized (this) {
        if (!again || toldEnd) {
          telling = false;
          return;
        }
        again = false;
        toldEnd = ended;
        progress =
            new ProgressListener.Progress(
                job, name, done.get(), total, Duration.ofNanos(System.nanoTime() - start), ended);
      }
      try {
        listener.progress(progress);
      } catch (Throwable thrown) {
        Log.warning("a progress listener failed: " + thrown);
      }
    }
  }
}
