package multiprocessing.bench;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What came out of a row.
 *
 * @param row the row
 * @param samples what each side needed that could be measured
 * @param failures why others could not
 */
record Outcome(Row row, Map<Side, Samples> samples, Map<Side, String> failures) {
  private double value(double nanos) {
    return row.unit().value(nanos, row.each());
  }

  Optional<Side> side(Peer peer) {
    return row.sides().stream().filter(side -> side.peer() == peer).findFirst();
  }

  /** The speed here as a multiple of that of the side; empty if either is not known. */
  OptionalDouble ratio(Side other) {
    Samples mine = side(Peer.HERE).map(samples::get).orElse(null);
    Samples others = samples.get(other);
    if (mine == null || others == null) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(value(mine.median()) / value(others.median()));
  }

  /** What CPython needed; empty if it was not measured. */
  Optional<Samples> baseline() {
    return side(Peer.CPYTHON).map(samples::get);
  }

  /** The ratio that the aim is about. */
  OptionalDouble ratio() {
    return side(Peer.CPYTHON).map(this::ratio).orElse(OptionalDouble.empty());
  }

  /** The median of a side, with its name for size; empty if there is none. */
  String median(Side side) {
    Samples of = samples.get(side);
    return of == null ? "" : row.unit().format(value(of.median()));
  }

  /** From the least speed or time of a side to the greatest; empty if there is none. */
  String spread(Side side) {
    Samples of = samples.get(side);
    if (of == null) {
      return "";
    }
    double one = value(of.least());
    double other = value(of.most());
    Unit unit = row.unit();
    return unit.format(Math.min(one, other)) + " – " + unit.format(Math.max(one, other));
  }

  /** Whether the aims are met, as the report says it; empty if that is not known. */
  String verdict() {
    boolean isWhole = !row.aims().isEmpty();
    for (Aim aim : row.aims()) {
      OptionalDouble measured = measured(aim);
      if (measured.isPresent() && !aim.isMetBy(measured.getAsDouble())) {
        return "missed";
      }
      isWhole &= measured.isPresent();
    }
    return isWhole ? "met" : "";
  }

  private OptionalDouble measured(Aim aim) {
    if (aim.isRatio()) {
      return side(aim.peer()).map(this::ratio).orElse(OptionalDouble.empty());
    }
    Samples mine = side(Peer.HERE).map(samples::get).orElse(null);
    return mine == null ? OptionalDouble.empty() : OptionalDouble.of(value(mine.median()));
  }

  /** Whether an aim is missed, or another library is ahead. */
  boolean isBehind() {
    return verdict().equals("missed")
        || row.sides().stream().filter(side -> side.peer().isRival()).anyMatch(this::isAhead);
  }

  private boolean isAhead(Side other) {
    OptionalDouble ratio = ratio(other);
    return ratio.isPresent()
        && (row.unit().isLessBetter() ? ratio.getAsDouble() > 1 : ratio.getAsDouble() < 1);
  }
}
