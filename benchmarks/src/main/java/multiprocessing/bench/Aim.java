package multiprocessing.bench;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a ratio is to be, or the value itself.
 *
 * @param bound the ratio, or the value
 * @param atMost whether less is better
 * @param unit of the value; null if it is about a ratio
 * @param peer to whom the ratio is
 */
record Aim(double bound, boolean atMost, @Nullable Unit unit, Peer peer) {
  /** An aim for the ratio to the baseline. */
  static Aim atMost(double ratio) {
    return new Aim(ratio, true, null, Peer.CPYTHON);
  }

  /** An aim for the ratio to the baseline. */
  static Aim atLeast(double ratio) {
    return new Aim(ratio, false, null, Peer.CPYTHON);
  }

  /** The same aim for the ratio to somebody else. */
  Aim of(Peer other) {
    return new Aim(bound, atMost, unit, other);
  }

  /** An aim for what is a multiple of something else here, whatever it is elsewhere. */
  static Aim atMostTimes(double multiple) {
    return new Aim(multiple, true, Unit.MULTIPLE, Peer.HERE);
  }

  /** An aim for the time here, whatever others need. */
  static Aim atMost(Duration time) {
    return new Aim(time.toNanos(), true, Unit.TIME, Peer.HERE);
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
    String whose = peer.isInformation() ? " of " + peer.title() : "";
    return (atMost ? "≤ " : "≥ ") + text + whose;
  }
}
