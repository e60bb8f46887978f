package multiprocessing.stress;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import multiprocessing.process.StartMethod;

/**
 * What the command line asks for.
 *
 * @param fuzz whether decoders are fed, instead of processes started
 * @param duration how long
 * @param seed from which all chance comes
 * @param methods the start methods
 * @param jobs the names of the jobs, all if there are none
 */
record Options(
    boolean fuzz, Duration duration, long seed, List<StartMethod> methods, List<String> jobs) {
  /**
   * Reads a command line.
   *
   * @throws IllegalArgumentException if it makes no sense; the message says why
   */
  static Options parse(List<String> arguments) {
    boolean fuzz = false;
    Duration duration = Duration.ofMinutes(1);
    long seed = System.nanoTime();
    List<StartMethod> methods = new ArrayList<>();
    List<String> jobs = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      String option = arguments.get(i);
      if (option.equals("--fuzz")) {
        fuzz = true;
        continue;
      }
      if (i + 1 == arguments.size()) {
        throw new IllegalArgumentException(
            "there is no option " + option + ", or it wants a value after it");
      }
      String value = arguments.get(++i);
      switch (option) {
        case "--minutes" -> duration = Duration.ofSeconds(Math.round(60 * positive(value)));
        case "--seconds" -> duration = Duration.ofMillis(Math.round(1000 * positive(value)));
        case "--seed" -> seed = Long.parseLong(value);
        case "--method" ->
            methods.add(StartMethod.valueOf(value.toUpperCase(java.util.Locale.ROOT)));
        case "--job" -> jobs.add(Soak.checked(value));
        default -> throw new IllegalArgumentException("there is no option " + option);
      }
    }
    return new Options(
        fuzz,
        duration,
        seed,
        methods.isEmpty() ? StartMethod.supported() : List.copyOf(methods),
        List.copyOf(jobs));
  }

  private static double positive(String value) {
    double number = Double.parseDouble(value);
    if (!(number > 0)) {
      throw new IllegalArgumentException("not a time: " + value);
    }
    return number;
  }
}
