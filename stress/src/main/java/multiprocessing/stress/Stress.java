package multiprocessing.stress;

import java.util.List;

/** What {@code ./mp stress} runs: the soak, or with {@code --fuzz} the fuzzer. */
@SuppressWarnings("SystemOut") // it is a program
public final class Stress {
  private static final String USAGE =
      """
      usage: ./mp stress [--minutes N | --seconds N] [--seed N] [--method METHOD]… [--job NAME]…
             ./mp stress --fuzz [--minutes N | --seconds N] [--seed N]

      The first starts and kills processes that use everything there is, at random, and prints a line
      a second; in the end nothing may be left of them. The second feeds damaged messages to every
      decoder of bytes from other processes. Both run for a minute where nothing else is said.
      """;

  private Stress() {}

  /**
   * Runs until the time is over; ends with exit code 1 if something was found.
   *
   * @param arguments as the usage says
   */
  public static void main(String[] arguments) throws InterruptedException {
    if (List.of(arguments).contains("--help")) {
      System.out.print(USAGE);
      return;
    }
    Options options;
    try {
      options = Options.parse(List.of(arguments));
    } catch (IllegalArgumentException e) {
      System.err.println("stress: " + e.getMessage());
      System.err.print(USAGE);
      System.exit(2);
      return;
    }
    System.out.println((options.fuzz() ? "fuzzing" : "soaking") + ", seed " + options.seed());
    List<String> found =
        options.fuzz()
            ? new Fuzzer(options, System.out).run()
            : new Soak(options, System.out).run();
    found.forEach(System.out::println);
    System.out.println(found.isEmpty() ? "nothing found" : found.size() + " found");
    System.exit(found.isEmpty() ? 0 : 1);
  }
}
