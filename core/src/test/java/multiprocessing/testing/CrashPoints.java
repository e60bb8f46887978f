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

/** The places in the sources at which a process can be made to die. */
public final class CrashPoints {
  private static final Pattern USE = Pattern.compile("CrashPoint\\s*\\.\\s*at\\(\\s*\"([^\"]+)\"");

  private CrashPoints() {}

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

  /** The JVM option that makes a child die at a place when it comes there the n-th time. */
  public static String option(String place, int time) {
    return "-Dmultiprocessing.crashPoint=" + place + ":" + time;
  }
}
