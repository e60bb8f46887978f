package multiprocessing.bench;

import java.util.ArrayList;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The figures of a group as a picture: a line for each row, on it a dot for the median of each side
 * and a bar from its least to its most, as multiples of CPython's speed; better is further to the
 * right, whatever the unit. The scale is logarithmic. It is an SVG that takes its colours from what
 * the reader prefers, light or dark.
 */
final class Plot {
  private static final int LEFT = 190;
  private static final int WIDTH = 560;
  private static final int RIGHT = 30;
  private static final int TOP = 64;
  private static final int LINE = 26;
  private static final int BOTTOM = 48;

  private static final String STYLE =
      """
      <style>
        text { font: 12px system-ui, sans-serif; fill: #24292f; }
        .title { font-weight: 600; font-size: 14px; }
        .grid { stroke: #8c959f; stroke-opacity: 0.35; }
        .one { stroke: #57606a; stroke-dasharray: 4 3; }
        .spread { stroke-width: 3; stroke-opacity: 0.4; }
        .here { fill: #0969da; stroke: #0969da; }
        .cpython { fill: #9a6700; stroke: #9a6700; }
        .loky { fill: #8250df; stroke: #8250df; }
        .workerpool { fill: #1a7f37; stroke: #1a7f37; }
        .pp4j { fill: #cf222e; stroke: #cf222e; }
        .jvm { fill: #bf3989; stroke: #bf3989; }
        .c { fill: #57606a; stroke: #57606a; }
        @media (prefers-color-scheme: dark) {
          text { fill: #e6edf3; }
          .one { stroke: #b1bac4; }
          .here { fill: #58a6ff; stroke: #58a6ff; }
          .cpython { fill: #e3b341; stroke: #e3b341; }
          .loky { fill: #bc8cff; stroke: #bc8cff; }
          .workerpool { fill: #56d364; stroke: #56d364; }
          .pp4j { fill: #ff7b72; stroke: #ff7b72; }
          .jvm { fill: #f778ba; stroke: #f778ba; }
          .c { fill: #b1bac4; stroke: #b1bac4; }
        }
      </style>
      """;

  private final String title;
  private final String caption;
  private final List<String> names = new ArrayList<>();
  private final List<Mark> marks = new ArrayList<>();

  /** A dot and a bar on a line. */
  private record Mark(
      int line, Peer peer, String label, double least, double median, double most) {}

  private Plot(String title, String caption) {
    this.title = title;
    this.caption = caption;
  }

  /** The picture of a group; empty if there is nothing to compare. */
  static String of(String group, List<Outcome> outcomes) {
    Plot plot = new Plot(group, "speed as a multiple of CPython's, better to the right");
    for (Outcome outcome : outcomes) {
      outcome.baseline().ifPresent(baseline -> plot.add(outcome, baseline.median()));
    }
    return plot.marks.isEmpty() ? "" : plot.svg();
  }

  private void add(Outcome outcome, double baseline) {
    names.add(outcome.row().name());
    outcome
        .samples()
        .forEach(
            (side, samples) ->
                marks.add(
                    new Mark(
                        names.size() - 1,
                        side.peer(),
                        side.label(),
                        baseline / samples.most(),
                        baseline / samples.median(),
                        baseline / samples.least())));
  }

  /** The picture of times in nanoseconds, each with what it may be off. */
  static String ofTimes(String title, Map<String, double[]> timesAndErrors) {
    Plot plot = new Plot(title, "nanoseconds, better to the left");
    timesAndErrors.forEach(
        (name, time) -> {
          plot.names.add(name);
          double least = Math.max(time[0] - time[1], time[0] / 2);
          plot.marks.add(
              new Mark(plot.names.size() - 1, Peer.HERE, name, least, time[0], time[0] + time[1]));
        });
    return plot.svg();
  }

  private String svg() {
    int low = (int) Math.floor(Math.log10(marks.stream().mapToDouble(Mark::least).min().orElse(1)));
    int high = (int) Math.ceil(Math.log10(marks.stream().mapToDouble(Mark::most).max().orElse(1)));
    Scale scale = new Scale(Math.min(low, 0), Math.max(high, 1));
    int bottom = TOP + LINE * names.size();
    Formatter svg = new Formatter(Locale.ROOT);
    int width = LEFT + WIDTH + RIGHT;
    int height = bottom + BOTTOM;
    svg.format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
            + " width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"%s: %s\">%n",
        width, height, width, height, title, caption);
    svg.format("%s", STYLE);
    svg.format("<text class=\"title\" x=\"10\" y=\"20\">%s</text>%n", title);
    legend(svg);
    for (int power = scale.low(); power <= scale.high(); power++) {
      double x = scale.x(Math.pow(10, power));
      svg.format(
          "<line class=\"%s\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>%n",
          power == 0 ? "one" : "grid", x, TOP - 8, x, bottom);
      svg.format(
          "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
          x, bottom + 16, multiple(power));
    }
    svg.format(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
        LEFT + WIDTH / 2, bottom + 36, caption);
    for (int line = 0; line < names.size(); line++) {
      svg.format(
          "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>%n",
          LEFT - 12, y(line) + 4, names.get(line));
    }
    // Ours last, so that it lies on top.
    marks.stream()
        .sorted((one, other) -> other.peer().compareTo(one.peer()))
        .forEach(mark -> mark(svg, mark, scale));
    return svg.format("</svg>%n").toString();
  }

  private void legend(Formatter svg) {
    List<Peer> peers = marks.stream().map(Mark::peer).distinct().sorted().toList();
    int x = LEFT;
    for (Peer peer : peers.size() == 1 ? List.<Peer>of() : peers) {
      svg.format("<circle class=\"%s\" cx=\"%d\" cy=\"36\" r=\"5\"/>%n", style(peer), x);
      svg.format("<text x=\"%d\" y=\"40\">%s</text>%n", x + 10, peer.title());
      x += 28 + 7 * peer.title().length();
    }
  }

  private static void mark(Formatter svg, Mark mark, Scale scale) {
    String style = style(mark.peer());
    svg.format(
        "<line class=\"spread %s\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>%n",
        style, scale.x(mark.least()), y(mark.line()), scale.x(mark.most()), y(mark.line()));
    svg.format(
        "<circle class=\"%s\" cx=\"%.1f\" cy=\"%d\" r=\"5\">" + "<title>%s: %s</title></circle>%n",
        style, scale.x(mark.median()), y(mark.line()), mark.label(), Unit.digits(mark.median()));
  }

  private static String style(Peer peer) {
    return peer.name().toLowerCase(Locale.ROOT);
  }

  private static int y(int line) {
    return TOP + LINE * line + LINE / 2;
  }

  private static String multiple(int power) {
    return power < 0
        ? "1/" + Math.round(Math.pow(10, -power))
        : "" + Math.round(Math.pow(10, power));
  }

  /** From multiples to places: powers of ten from the first to the last. */
  private record Scale(int low, int high) {
    double x(double multiple) {
      return LEFT + WIDTH * (Math.log10(multiple) - low) / (high - low);
    }
  }
}
