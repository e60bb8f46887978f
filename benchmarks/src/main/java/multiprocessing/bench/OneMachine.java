package multiprocessing.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import multiprocessing.bench.jmh.Uncontended;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** What lives in one JVM, measured by JMH: no other process takes part in it. */
final class OneMachine {
  /** What it is called on the command line. */
  static final String NAME = "one-jvm";

  private OneMachine() {}

  static String title() {
    return "locks, semaphores and shared numbers within one JVM, by JMH";
  }

  /**
   * Measures.
   *
   * @throws IllegalStateException if JMH cannot
   */
  static Collection<RunResult> run(boolean quick) {
    TimeValue time = quick ? TimeValue.milliseconds(100) : TimeValue.milliseconds(500);
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(Uncontended.class.getPackageName() + "\\..*")
            .forks(quick ? 1 : 3)
            .warmupIterations(3)
            .warmupTime(time)
            .measurementIterations(5)
            .measurementTime(time)
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT);
    try {
      return new Runner(options.build()).run();
    } catch (RunnerException e) {
      throw new IllegalStateException("JMH failed: " + e.getMessage(), e);
    }
  }

  /** A line of the terminal's report. */
  static String line(RunResult result) {
    Result<?> score = result.getPrimaryResult();
    return String.format("%-40s %10s %s", name(result), score(score), error(score));
  }

  /** Writes the page; gives its file. */
  static Path write(Collection<RunResult> results, Map<String, String> machine) throws IOException {
    Path file = Repository.root().resolve("docs/results/" + NAME + ".md");
    Files.writeString(file, markdown(results, machine));
    return file;
  }

  static String markdown(Collection<RunResult> results, Map<String, String> machine) {
    StringBuilder text = new StringBuilder("# Results: " + NAME + "\n\n");
    text.append("Written by `./mp bench " + NAME + " --write`; do not edit.\n\n");
    machine.forEach((key, value) -> text.append("- ").append(key + ": " + value + "\n"));
    text.append("\n| what | time | 99.9 % sure within |\n|---|---|---|\n");
    for (RunResult result : results) {
      Result<?> score = result.getPrimaryResult();
      text.append("| `" + name(result) + "` | ").append(score(score) + " | ");
      text.append(error(score)).append(" |\n");
    }
    return text.append(
            """

            Measured by JMH within one JVM, with nobody else there: what is shared costs that much \
            before any other process wants it. Those of the JDK work between threads alone. An access \
            to an array is one of 1,024 in a row.
            """)
        .toString();
  }

  private static String name(RunResult result) {
    String[] words = result.getParams().getBenchmark().split("\\.", -1);
    return words[words.length - 2] + "." + words[words.length - 1];
  }

  private static String score(Result<?> result) {
    return Unit.TIME.format(result.getScore());
  }

  private static String error(Result<?> result) {
    double error = result.getScoreError();
    return Double.isNaN(error) ? "" : String.format(Locale.ROOT, "± %s", Unit.TIME.format(error));
  }
}
