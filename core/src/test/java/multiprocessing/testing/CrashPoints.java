package multiprocessing.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import multiprocessing.internal.os.CrashPoint;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.process.StartMethod;

/** The places in the sources at which a process can be made to die. */
public final class CrashPoints {
  private static final Pattern USE = Pattern.compile("CrashPoint\\s*\\.\\s*at\\(\\s*\"([^\"]+)\"");

  /** Names the start method of those that die. */
  static final String METHOD_PROPERTY = "multiprocessing.test.crashMethod";

  /** Says how often the tests have been run. */
  static final String ROUND_PROPERTY = "multiprocessing.test.crashRound";

  private CrashPoints() {}

  /** How often {@code ./mp crash} has run the tests: what is random is another thing each time. */
  public static int round() {
    return Integer.getInteger(ROUND_PROPERTY, 1);
  }

  /** All that the sources name and that are wanted, in order. */
  public static List<String> named(Predicate<String> wanted) {
    TreeSet<String> found = new TreeSet<>();
    try (Stream<Path> files = Files.walk(Repository.root().resolve("core/src/main/java"))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
        USE.matcher(Files.readString(file))
            .results()
            .map((MatchResult each) -> each.group(1))
            .filter(wanted)
            .forEach(found::add);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.copyOf(found);
  }

  /**
   * The how-manieth times that a process comes to a place and dies there: some, or a single one
   * that {@code ./mp crash} varies from round to round.
   */
  public static int[] times(int... usual) {
    int round = Integer.getInteger(ROUND_PROPERTY, 0);
    return round == 0 ? usual : new int[] {1 + (round - 1) % usual[usual.length - 1]};
  }

  /**
   * The start method of those that die, which {@code ./mp crash} varies; else as the test has it.
   */
  public static StartMethod startMethodOr(StartMethod usual) {
    String method = System.getProperty(METHOD_PROPERTY);
    return method == null ? usual : StartMethod.valueOf(method);
  }

  /** The start method of those that die. */
  public static StartMethod startMethod() {
    return startMethodOr(StartMethod.SPAWN);
  }

  /** Starts a child that dies at a place when it comes there the n-th time. */
  public static ChildProcess doomed(SerializableRunnable task, String place, int time) {
    String armed = place + ":" + time;
    StartMethod method = startMethod();
    if (method == StartMethod.SPAWN) {
      return Children.start(method, task, "-Dmultiprocessing.crashPoint=" + armed);
    }
    return Children.start(
        method,
        () -> {
          CrashPoint.arm(armed);
          task.runChecked();
        });
  }
}
