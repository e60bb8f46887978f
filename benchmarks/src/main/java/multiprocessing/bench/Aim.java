package multiprocessing.bench;

import java.time.Duration;

/**
 * What the ratio to the baseline is to be, or the time itself.
 *
 * @param bound the ratio, or nanoseconds
 * @param atMost whether less is better
 * @param isRatio whether it is about the ratio
 */
record Aim(double bound, boolean atMost, boolean isRatio) {
  static Aim atMost(double ratio) {
    return new Aim(ratio, true, true);
  }

  static Aim atLeast(double ratio) {
    return new Aim(ratio, false, true);
  }

  /** An aim for the time here, whatever others need. */
  static Aim atMost(Duration time) {
    return new Aim(time.toNanos(), true, false);
  }

  /** Whether a ratio, or a time in nanoseconds, is good enough. */
  boolean isMetBy(double value) {
    return atMost ? value <= bound : value >= bound;
  }

  @Override
  public String toString() {
    String text = isRatio ? Unit.digits(bound) : Unit.TIME.format(bound);
    return (atMost ? "≤ " : "≥ ") + text;
  }
}
