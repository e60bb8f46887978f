package multiprocessing.manager;

import java.time.Duration;

/** The rest of a time, for waiting on an object's monitor. */
final class Remaining {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final long nanos;
  private final long start = System.nanoTime();

  private Remaining(long nanos) {
    this.nanos = nanos;
  }

  static Remaining ofNanos(long nanos) {
    return new Remaining(nanos);
  }

  static Remaining of(Duration time) {
    try {
      return new Remaining(time.toNanos());
    } catch (ArithmeticException e) {
      return new Remaining(time.isNegative() ? 0 : Long.MAX_VALUE);
    }
  }

  static Remaining forever() {
    return new Remaining(Long.MAX_VALUE);
  }

  long nanos() {
    return nanos == Long.MAX_VALUE ? nanos : nanos - (System.nanoTime() - start);
  }

  /**
   * Waits on a monitor, as a part of the caller's loop, that the thread has; false if no time is
   * left.
   */
  @SuppressWarnings("WaitNotInLoop") // it is the caller's
  boolean await(Object monitor) throws InterruptedException {
    long left = nanos();
    if (left <= 0) {
      return false;
    }
    if (left == Long.MAX_VALUE) {
      monitor.wait();
    } else {
      monitor.wait(left / NANOS_PER_MILLI + 1);
    }
    return true;
  }
}
