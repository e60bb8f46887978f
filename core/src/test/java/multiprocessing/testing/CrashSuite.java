package multiprocessing.testing;

import static org.junit.platform.engine.discovery.ClassNameFilter.excludeClassNamePatterns;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectPackage;
import static org.junit.platform.launcher.TagFilter.excludeTags;
import static org.junit.platform.launcher.TagFilter.includeTags;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import multiprocessing.process.StartMethod;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * The command {@code ./mp crash}: all tests that let processes die (tagged {@code crash}), time and
 * again, with those that die started by each start method.
 *
 * <p>Each start method has a virtual machine of its own, which the children get their options from.
 */
@SuppressWarnings("SystemOut") // it is a program
public final class CrashSuite {
  private static final String USAGE =
      """
      usage: ./mp crash [--times N] [--minutes N] [--method METHOD]… [--write | --add]

      Lets processes die at each crash point of the sources and at random moments, N times by each
      start method (once, where nothing else is said), and looks whether all others go on. How often
      a process has come to its crash point before is another thing in each round. No round is begun
      when the minutes are over. --write writes docs/results/crash.md, and --add adds to
      what is told there.
      """;
  private static final StartMethod[] METHODS = {
    StartMethod.SPAWN, StartMethod.FORKSERVER, StartMethod.FORK
  };

  private CrashSuite() {}

  /** How it went with one start method. */
  private record Tally(long rounds, long tests, long failures, long seconds) {
    static final Tally NONE = new Tally(0, 0, 0, 0);

    Tally plus(Tally other) {
      return new Tally(
          rounds + other.rounds,
          tests + other.tests,
          failures + other.failures,
          seconds + other.seconds);
    }

    String toLine() {
      return rounds + " " + tests + " " + failures + " " + seconds;
    }

    static Tally parse(String line) {
      String[] words = line.strip().split(" +", -1);
      return new Tally(
          Long.parseLong(words[0]),
          Long.parseLong(words[1]),
          Long.parseLong(words[2]),
          Long.parseLong(words[3]));
    }
  }

  /** What the command line asks for. */
  private record Options(
      int times, Duration limit, List<StartMethod> methods, boolean write, boolean add) {
    static Options parse(List<String> arguments) {
      int times = 1;
      Duration limit = Duration.ofDays(1);
      List<StartMethod> methods = new ArrayList<>();
      boolean write = false;
      boolean add = false;
      for (int i = 0; i < arguments.size(); i++) {
        switch (arguments.get(i)) {
          case "--write" -> write = true;
          case "--add" -> add = true;
          case "--times" -> times = Integer.parseInt(value(arguments, ++i));
          case "--minutes" ->
              limit =
                  Duration.ofSeconds(Math.round(60 * Double.parseDouble(value(arguments, ++i))));
          case "--method" ->
              methods.add(StartMethod.valueOf(value(arguments, ++i).toUpperCase(Locale.ROOT)));
          default -> throw new IllegalArgumentException("there is no option " + arguments.get(i));
        }
      }
      return new Options(
          times, limit, methods.isEmpty() ? List.of(METHODS) : methods, write || add, add);
    }

    private static String value(List<String> arguments, int at) {
      if (at == arguments.size()) {
        throw new IllegalArgumentException(arguments.get(at - 1) + " wants a value after it");
      }
      return arguments.get(at);
    }
  }

  /**
   * Runs; ends with exit code 1 if a test failed.
   *
   * @param arguments as the usage says, all in one; or what this class tells itself
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length == 3) {
      Tally tally = repeat(Integer.parseInt(arguments[0]), Duration.parse(arguments[1]));
      Files.writeString(Path.of(arguments[2]), tally.toLine());
      System.exit(0);
    }
    String asked = arguments[0].replaceFirst("arguments: *", ""); // Maven leaves out empty ones
    List<String> words = List.of(asked.strip().split(" +", -1));
    if (words.contains("--help")) {
      System.out.print(USAGE);
      return;
    }
    Options options;
    try {
      options = Options.parse(words.equals(List.of("")) ? List.of() : words);
    } catch (IllegalArgumentException e) {
      System.err.println("crash: " + e.getMessage());
      System.err.print(USAGE);
      System.exit(2);
      return;
    }
    System.exit(runAll(options) ? 0 : 1);
  }

  private static boolean runAll(Options options) throws IOException, InterruptedException {
    Map<StartMethod, Tally> tallies = new EnumMap<>(StartMethod.class);
    for (StartMethod method : options.methods()) {
      tallies.put(method, run(method, options));
    }
    if (options.write()) {
      Path page = Repository.root().resolve("docs/results/crash.md");
      String before = options.add() && Files.exists(page) ? Files.readString(page) : "";
      Files.writeString(page, page(before, tallies));
      System.out.println("written: " + page);
    }
    return tallies.values().stream().allMatch(each -> each.failures() == 0);
  }

  /** Runs the tests in a virtual machine of their own. */
  private static Tally run(StartMethod method, Options options)
      throws IOException, InterruptedException {
    Path result = Files.createTempFile("multiprocessing-crash", ".tally");
    try {
      Process machine =
          new ProcessBuilder(
                  System.getProperty("java.home") + "/bin/java",
                  "--enable-native-access=ALL-UNNAMED",
                  "--sun-misc-unsafe-memory-access=allow",
                  "-Dmultiprocessing.crashPoint=later",
                  "-D" + CrashPoints.METHOD_PROPERTY + "=" + method,
                  "-cp",
                  System.getProperty("java.class.path"),
                  CrashSuite.class.getName(),
                  "" + options.times(),
                  options.limit().dividedBy(options.methods().size()).toString(),
                  result.toString())
              .inheritIO()
              .start();
      int code = machine.waitFor();
      String line = Files.readString(result);
      if (code != 0 || line.isEmpty()) {
        System.out.println("by " + method + ": the tests ended with exit code " + code);
        return new Tally(0, 0, 1, 0);
      }
      return Tally.parse(line);
    } finally {
      Files.delete(result);
    }
  }

  // --- within that virtual machine ---

  private static Tally repeat(int times, Duration limit) {
    StartMethod method = CrashPoints.startMethod();
    long start = System.nanoTime();
    Tally sum = Tally.NONE;
    while (sum.rounds() < times && System.nanoTime() - start < limit.toNanos()) {
      System.setProperty(CrashPoints.ROUND_PROPERTY, "" + (sum.rounds() + 1));
      Tally round = once(method);
      sum = sum.plus(round);
      System.out.printf(
          "by %s, round %d: %d tests, %d failed, %d s%n",
          method, sum.rounds(), round.tests(), round.failures(), round.seconds());
    }
    return sum;
  }

  private static Tally once(StartMethod method) {
    long start = System.nanoTime();
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectPackage("multiprocessing"))
            .filters(
                includeTags("crash"),
                excludeTags("stress"),
                excludeClassNamePatterns(".*\\." + othersThan(method) + "Pool\\w+Test"))
            .build();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create().execute(request, listener);
    TestExecutionSummary summary = listener.getSummary();
    if (summary.getTotalFailureCount() > 0) {
      summary.printFailuresTo(new PrintWriter(System.out, true, StandardCharsets.UTF_8), 40);
    }
    return new Tally(
        1,
        summary.getTestsFoundCount(),
        summary.getTotalFailureCount(),
        Math.round((System.nanoTime() - start) / 1e9));
  }

  /** A pattern of how the tests of contracts begin that are about other start methods. */
  private static String othersThan(StartMethod method) {
    return switch (method) {
      case SPAWN -> "(ForkServer|Fork|InProcess)";
      case FORKSERVER -> "(Spawn|Fork|InProcess)";
      case FORK -> "(Spawn|ForkServer|InProcess)";
      case IN_PROCESS -> throw new IllegalArgumentException("a thread cannot be killed");
    };
  }

  // --- the page ---

  private static String page(String before, Map<StartMethod, Tally> tallies) {
    StringBuilder text = new StringBuilder("# Results: crash\n\n");
    text.append("Written by `./mp crash --write`; do not edit.\n\n");
    text.append("- Date: ").append(LocalDate.now(ZoneOffset.UTC)).append('\n');
    text.append("- Kernel: Linux ").append(System.getProperty("os.version")).append(", ");
    text.append(Runtime.getRuntime().availableProcessors()).append(" cores\n");
    text.append("- Java: ").append(System.getProperty("java.vm.version")).append("\n\n");
    text.append("| start method | rounds | tests | failed | time |\n|---|---|---|---|---|\n");
    for (StartMethod method : METHODS) {
      Tally sum = told(before, method).plus(tallies.getOrDefault(method, Tally.NONE));
      if (sum.rounds() > 0 || sum.failures() > 0) {
        text.append(
            String.format(
                "| %s | %d | %d | %d | %d s |%n",
                method.name().toLowerCase(Locale.ROOT),
                sum.rounds(),
                sum.tests(),
                sum.failures(),
                sum.seconds()));
      }
    }
    text.append("\nEach round lets processes die at each of the ");
    text.append(CrashPoints.named(_ -> true).size());
    return text.append(
            """
             crash points that the sources name, at the first, second or a later time that they \
            come there, another one in each round, and kills others at random moments while they \
            use queues, locks, semaphores, events, conditions, barriers and memory, and while they \
            work for a pool; then it looks at what is left: all others go on, and nothing is lost \
            but what the dead had in their hands.
            """)
        .toString();
  }

  /** What a page says of a start method. */
  private static Tally told(String page, StartMethod method) {
    String start = "| " + method.name().toLowerCase(Locale.ROOT) + " |";
    return page.lines()
        .filter(line -> line.startsWith(start))
        .map(line -> Tally.parse(line.substring(start.length()).replaceAll("[|s]", " ")))
        .findFirst()
        .orElse(Tally.NONE);
  }
}
