package multiprocessing.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The report as Markdown, a file for each group, in {@code docs/results}. */
final class Results {
  private Results() {}

  /** Writes the groups of which each row was measured; gives the files. */
  static List<Path> write(List<Outcome> outcomes, Map<String, String> machine, Plan plan)
      throws IOException {
    Path folder = Repository.root().resolve("docs/results");
    Files.createDirectories(folder);
    List<Path> files = new ArrayList<>();
    for (Map.Entry<String, List<Outcome>> group : groups(outcomes).entrySet()) {
      if (isWhole(group.getValue())) {
        Path file = folder.resolve(group.getKey() + ".md");
        Files.writeString(file, markdown(group.getKey(), group.getValue(), machine, plan));
        files.add(file);
        String plot = Plot.of(group.getKey(), group.getValue());
        if (!plot.isEmpty()) {
          Path picture = folder.resolve(group.getKey() + ".svg");
          Files.writeString(picture, plot);
          files.add(picture);
        }
      }
    }
    return files;
  }

  /** The groups of which some rows were not measured, so that they are not written. */
  static List<String> partial(List<Outcome> outcomes) {
    return groups(outcomes).entrySet().stream()
        .filter(group -> !isWhole(group.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  private static Map<String, List<Outcome>> groups(List<Outcome> outcomes) {
    return outcomes.stream()
        .collect(
            Collectors.groupingBy(
                outcome -> outcome.row().group(), LinkedHashMap::new, Collectors.toList()));
  }

  private static boolean isWhole(List<Outcome> group) {
    String name = group.getFirst().row().group();
    return group.size() == Rows.ALL.stream().filter(row -> row.group().equals(name)).count();
  }

  static String markdown(
      String group, List<Outcome> outcomes, Map<String, String> machine, Plan plan) {
    StringBuilder text = new StringBuilder("# Results: " + group + "\n\n");
    text.append("Written by `./mp bench ").append(group).append(" --write`; do not edit.\n\n");
    machine.forEach((key, value) -> text.append("- ").append(key + ": " + value + "\n"));
    if (outcomes.stream().anyMatch(outcome -> outcome.baseline().isPresent())) {
      text.append("\n![Speed as a multiple of CPython's](").append(group).append(".svg)\n");
    }
    List<Peer> peers = peers(outcomes);
    text.append('\n').append(head(peers));
    for (Outcome outcome : outcomes) {
      text.append(row(outcome, peers));
    }
    text.append(
        "\nIn brackets: the speed here as a multiple of that; for times and memory, less is better.\n");
    text.append(reasons(outcomes));
    text.append("\n| row | who | median | least – most | here, as a multiple |\n");
    text.append("|---|---|---|---|---|\n");
    for (Outcome outcome : outcomes) {
      for (Side side : outcome.row().sides()) {
        text.append(detail(outcome, side));
      }
    }
    return text.append('\n').append(method(plan)).toString();
  }

  /** What is behind another library or short of an aim, and why. */
  private static String reasons(List<Outcome> outcomes) {
    Map<String, String> names = new LinkedHashMap<>();
    outcomes.stream()
        .filter(Outcome::isBehind)
        .map(Outcome::row)
        .forEach(
            row ->
                names.merge(
                    reason(row), "`" + row.name() + "`", (one, other) -> one + ", " + other));
    String lines =
        names.entrySet().stream()
            .map(each -> "- " + each.getValue() + ": " + each.getKey() + "\n")
            .collect(Collectors.joining());
    return lines.isEmpty() ? "" : "\nBehind, or short of an aim:\n\n" + lines;
  }

  private static String reason(Row row) {
    return row.reason().isEmpty() ? "it is not known why" : row.reason();
  }

  /** Those that have a side in some row. */
  private static List<Peer> peers(List<Outcome> outcomes) {
    return outcomes.stream()
        .flatMap(outcome -> outcome.row().sides().stream())
        .map(Side::peer)
        .distinct()
        .sorted()
        .toList();
  }

  private static String head(List<Peer> peers) {
    List<String> titles = new ArrayList<>(List.of("row"));
    peers.forEach(peer -> titles.add(peer.title()));
    titles.addAll(List.of("aim", ""));
    return cells(titles) + "|" + "---|".repeat(titles.size()) + "\n";
  }

  private static String row(Outcome outcome, List<Peer> peers) {
    Row row = outcome.row();
    List<String> cells = new ArrayList<>(List.of("`" + row.name() + "` " + row.title()));
    peers.forEach(
        peer -> cells.add(outcome.side(peer).map(side -> figure(outcome, side)).orElse("")));
    cells.addAll(List.of(row.aimText(), outcome.verdict()));
    return cells(cells);
  }

  /** The median of a side, and the ratio to it. */
  private static String figure(Outcome outcome, Side side) {
    String ratio = side.peer() == Peer.HERE ? "" : Table.ratio(outcome.ratio(side));
    return outcome.median(side) + (ratio.isEmpty() ? "" : " (" + ratio + ")");
  }

  private static String detail(Outcome outcome, Side side) {
    String name = "`" + outcome.row().name() + "`";
    String failure = outcome.failures().get(side);
    if (failure != null) {
      return cells(List.of(name, side.label(), failure, "", ""));
    }
    String ratio = side.peer() == Peer.HERE ? "" : Table.ratio(outcome.ratio(side));
    return cells(List.of(name, side.label(), outcome.median(side), outcome.spread(side), ratio));
  }

  private static String cells(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }

  private static String method(Plan plan) {
    return """
    Each side is a program of its own that works until it is warm (%d ms here, so that the code is \
    compiled; %d ms in Python), then has %d rounds (fewer where they are long) of some %d ms, in \
    turn with the others. The \
    figures are medians over the rounds. An operation is the same on all sides; how many make a \
    round depends on how fast a side is. Results are checked. In CPython the processes are forked, \
    which is its fastest way, unless the row says otherwise.
    """
        .formatted(
            plan.warmUp(Program.JAVA).toMillis(),
            plan.warmUp(Program.PYTHON).toMillis(),
            plan.rounds(),
            plan.round().toMillis());
  }
}
