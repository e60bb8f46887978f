package multiprocessing.bench;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the ratio to the baseline is to be, or the value itself.
 *
 * @param bound the ratio, or the value
 * @param atMost whether less is better
 * @param unit of the value; null if it is about the ratio
 */
record Aim(double bound, boolean atMost, @Nullable Unit unit) {
  static Aim atMost(double ratio) {
    return new Aim(ratio, true, null);
  }

  static Aim atLeast(double ratio) {
    return new Aim(ratio, false, null);
  }

  /** An aim for what is a multiple of something else here, whatever it is elsewhere. */
  static Aim atMostTimes(double multiple) {
    return new Aim(multiple, true, Unit.MULTIPLE);
  }

  /** An aim for the time here, whatever others need. */
  static Aim atMost(Duration time) {
    return new Aim(time.toNanos(), true, Unit.TIME);
  }

  boolean isRatio() {
    return unit == null;
  }

  /** Whether a ratio, or a value, is good enough. */
  boolean isMetBy(double value) {
    return atMost ? value <= bound : value >= bound;
  }

  @Override
  public String toString() {
    String text = unit == null ? Unit.digits(bound) : unit.format(bound);
    return (atMost ? "≤ " : "≥ ") + text;
  }
}
