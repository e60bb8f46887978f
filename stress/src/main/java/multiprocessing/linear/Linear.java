package multiprocessing.linear;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.StressOptions;

/** What {@code ./mp linear} runs: Lincheck with each of the shared structures. */
@SuppressWarnings("SystemOut") // it is a program
public final class Linear {
  private static final String USAGE =
      """
      usage: ./mp linear [--scenarios N] [--runs N] [NAME…]

      Makes up scenarios of a few operations in two and in three threads, 100 of each where nothing
      else is said, runs each 1000 times, and looks for an order that explains the answers. Names:
      """;

  /** A structure, and a plain one that answers as it should. */
  private record Pair(Class<?> structure, Class<?> plain) {}

  private static final Map<String, Pair> PAIRS = new LinkedHashMap<>();

  static {
    PAIRS.put("mutex", new Pair(MutexOrder.class, MutexOrder.Plain.class));
    PAIRS.put("permits", new Pair(PermitsOrder.class, PermitsOrder.Plain.class));
    PAIRS.put("flag", new Pair(FlagOrder.class, FlagOrder.Plain.class));
    PAIRS.put("queue", new Pair(QueueOrder.class, QueueOrder.Plain.class));
    PAIRS.put("map", new Pair(MapOrder.class, MapOrder.Plain.class));
  }

  private static final List<Integer> THREADS = List.of(2, 3);
  private static final int OPERATIONS = 3;

  private Linear() {}

  /**
   * Checks all structures, or the named ones; ends with exit code 1 if one gives answers that no
   * order explains.
   *
   * @param arguments as the usage says
   */
  public static void main(String[] arguments) {
    int scenarios = 100;
    int runs = 1000;
    Set<String> wanted = new LinkedHashSet<>();
    try {
      for (int i = 0; i < arguments.length; i++) {
        switch (arguments[i]) {
          case "--help" -> {
            System.out.print(usage());
            return;
          }
          case "--scenarios" -> scenarios = number(arguments, ++i);
          case "--runs" -> runs = number(arguments, ++i);
          default -> wanted.add(known(arguments[i]));
        }
      }
    } catch (IllegalArgumentException e) {
      System.err.println("linear: " + e.getMessage());
      System.err.print(usage());
      System.exit(2);
    }
    boolean isFine = true;
    for (String name : wanted.isEmpty() ? names() : wanted) {
      isFine &= check(name, scenarios, runs);
    }
    System.exit(isFine ? 0 : 1);
  }

  static Set<String> names() {
    return PAIRS.keySet();
  }

  private static String usage() {
    return USAGE + "  " + String.join(", ", names()) + "\n";
  }

  private static int number(String[] arguments, int at) {
    String text = at < arguments.length ? arguments[at] : "";
    if (!text.matches("[1-9][0-9]{0,8}")) {
      throw new IllegalArgumentException(
          arguments[at - 1] + " wants a number of 1 or more, not '" + text + "'");
    }
    return Integer.parseInt(text);
  }

  private static String known(String name) {
    if (!PAIRS.containsKey(name)) {
      throw new IllegalArgumentException("there is no structure '" + name + "'");
    }
    return name;
  }

  /** Checks one; says whether all its answers fit. */
  static boolean check(String name, int scenarios, int runs) {
    Pair pair = Objects.requireNonNull(PAIRS.get(name));
    for (int threads : THREADS) {
      long start = System.nanoTime();
      try {
        check(pair.structure, pair.plain, threads, scenarios, runs);
      } catch (LincheckAssertionError e) {
        System.out.println(name + ", " + threads + " threads: " + e.getMessage());
        return false;
      }
      System.out.printf(
          "%-8s %d threads: %d scenarios, %d runs, each fits some order (%.0f s)%n",
          name, threads, scenarios, (long) scenarios * runs, (System.nanoTime() - start) / 1e9);
    }
    return true;
  }

  static void check(Class<?> structure, Class<?> plain, int threads, int scenarios, int runs) {
    new StressOptions()
        .threads(threads)
        .actorsPerThread(OPERATIONS)
        .iterations(scenarios)
        .invocationsPerIteration(runs)
        .sequentialSpecification(plain)
        .check(structure);
  }
}
