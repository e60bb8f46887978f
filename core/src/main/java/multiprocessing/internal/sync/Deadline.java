package multiprocessing.internal.sync;

/**
 * A point of time to wait for.
 *
 * @param at as {@link System#nanoTime}; meaningless if endless
 */
record Deadline(boolean endless, long at) {
  /** A deadline after so many nanoseconds; {@code Long.MAX_VALUE} is never. */
  static Deadline in(long nanos) {
    return nanos == Long.MAX_VALUE
        ? new Deadline(true, 0)
        : new Deadline(false, System.nanoTime() + Math.max(0, nanos));
  }

  /** Nanoseconds until then: zero or less if it has passed. */
  long left() {
    return endless ? Long.MAX_VALUE : at - System.nanoTime();
  }
}
