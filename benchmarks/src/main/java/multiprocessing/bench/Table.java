package multiprocessing.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** The report as it appears on a terminal, line by line. */
final class Table {
  private Table() {}

  static String header() {
    return line("row", "here", "CPython", "ratio", "aim", "");
  }

  /** The line of a row, and those of what else is known of it. */
  static List<String> lines(Outcome outcome) {
    List<String> lines = new ArrayList<>();
    Row row = outcome.row();
    lines.add(
        line(
            row.name(),
            outcome.side(Peer.HERE).map(outcome::median).orElse(""),
            outcome.side(Peer.CPYTHON).map(outcome::median).orElse(""),
            ratio(outcome.ratio()),
            row.aimText(),
            outcome.verdict()));
    lines.add("    " + row.title());
    for (Side side : row.sides()) {
      lines.add("    " + detail(outcome, side));
    }
    return lines;
  }

  private static String detail(Outcome outcome, Side side) {
    String failure = outcome.failures().get(side);
    if (failure != null) {
      return side.label() + ": " + failure;
    }
    String text = outcome.spread(side);
    if (side.peer().isInformation()) {
      String ratio = ratio(outcome.ratio(side));
      text = outcome.median(side) + " (" + text + ")" + (ratio.isEmpty() ? "" : "; here " + ratio);
    }
    return side.label() + ": " + text;
  }

  static String ratio(OptionalDouble ratio) {
    return ratio.isEmpty() ? "" : Unit.digits(ratio.getAsDouble());
  }

  private static String line(Object... cells) {
    return String.format("%-22s %-12s %-12s %-7s %-8s %s", cells).stripTrailing();
  }
}
