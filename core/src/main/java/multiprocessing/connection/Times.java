package multiprocessing.connection;

import java.time.Duration;

/** Durations as waiting wants them. */
final class Times {
  private Times() {}

  /** In nanoseconds: not negative, and what is too long is for ever. */
  static long nanos(Duration timeout) {
    if (timeout.isNegative()) {
      return 0;
    }
    try {
      return timeout.toNanos();
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE;
    }
  }
}
