package multiprocessing.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.results.RunResult;

/** The command {@code ./mp bench}: measures rows, and prints what comes out. */
public final class Bench {
  private static final String HELP =
      """
      ./mp bench [--quick] [--write] [NAME…]

      Measures the same work here, in CPython's multiprocessing and in others, turn by turn, and prints
      medians and ratios. NAME is a row or a group of rows.
        --quick   hurry: less than a minute for all rows, instead of some minutes
        --write   write the groups measured to docs/results
      """;

  private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
  private final Options options;
  private final Plan plan;

  private Bench(Options options) {
    this.options = options;
    this.plan = options.quick() ? Plan.QUICK : Plan.FULL;
  }

  /**
   * Measures, and ends with status 0 if every side of this library and of CPython did its work, 1
   * if one failed, 2 if the command line makes no sense.
   *
   * @param arguments the command line
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Options options;
    try {
      options = Options.parse(List.of(arguments));
    } catch (IllegalArgumentException e) {
      System.err.println("bench: " + e.getMessage() + "; ./mp bench --help tells more");
      System.exit(2);
      return;
    }
    System.exit(new Bench(options).run() ? 0 : 1);
  }

  private boolean run() throws IOException, InterruptedException {
    if (options.help()) {
      help();
      return true;
    }
    long start = System.nanoTime();
    List<Outcome> outcomes = new ArrayList<>();
    try (Toolbox toolbox = Toolbox.open()) {
      Map<String, String> machine = Machine.describe(toolbox, options.rows());
      machine.forEach((key, value) -> out.println(key + ": " + value));
      out.println();
      if (options.oneMachine()) {
        measureOneMachine(machine);
      }
      if (options.rows().isEmpty()) {
        return true;
      }
      out.println(Table.header());
      if (options.rows().stream().anyMatch(StartRows::isOne)) {
        StartRows.prepare(toolbox);
      }
      Runner runner = new Runner(toolbox, plan);
      for (Row row : options.rows()) {
        Outcome outcome = runner.run(row);
        Table.lines(outcome).forEach(out::println);
        outcomes.add(outcome);
      }
      out.println();
      if (options.write()) {
        for (Path file : Results.write(outcomes, machine, plan)) {
          out.println("written: " + file);
        }
        for (String group : Results.partial(outcomes)) {
          out.println(
              "not written: "
                  + group
                  + ", of which not all rows were measured; ./mp bench "
                  + group
                  + " --write does it");
        }
      }
    }
    out.println(summary(outcomes) + ", " + (System.nanoTime() - start) / 1_000_000_000 + " s");
    return outcomes.stream().allMatch(Bench::isWhole);
  }

  private void measureOneMachine(Map<String, String> machine) throws IOException {
    Collection<RunResult> results = OneMachine.run(options.quick());
    results.forEach(result -> out.println(OneMachine.line(result)));
    if (options.write()) {
      out.println("written: " + OneMachine.write(results, machine));
    }
    out.println();
  }

  private void help() {
    out.print(HELP);
    for (Row row : Rows.ALL) {
      out.printf("  %-10s %-22s %s%n", row.group(), row.name(), row.title());
    }
    out.printf("  %-10s %-22s %s%n", OneMachine.NAME, "", OneMachine.title());
  }

  private static String summary(List<Outcome> outcomes) {
    long aims = outcomes.stream().filter(outcome -> !outcome.row().aims().isEmpty()).count();
    long met = outcomes.stream().filter(outcome -> outcome.verdict().equals("met")).count();
    return met + " of " + aims + " aims met";
  }

  /** Whether each side that counts did its work, or is not there. */
  private static boolean isWhole(Outcome outcome) {
    return outcome.failures().entrySet().stream()
        .noneMatch(
            entry ->
                !entry.getKey().peer().isInformation() && entry.getValue().startsWith("failed"));
  }
}
