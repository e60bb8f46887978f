import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/**
 * What a page says that a program prints. An ellipsis stands for whatever differs from run to run:
 * within a line for some characters, as a line for any number of lines.
 */
@NullMarked
final class ExpectedOutput {
  private static final String ANYTHING = "…";

  private ExpectedOutput() {}

  static boolean isPrinted(String expected, List<String> output) {
    String regex =
        expected
            .lines()
            .map(line -> line.equals(ANYTHING) ? "(?s:.*\n)?" : regex(line) + "\n")
            .collect(joining());
    return output.stream().map(line -> line + "\n").collect(joining()).matches(regex);
  }

  static boolean isPrintedInAnyOrder(String expected, List<String> output) {
    List<String> rest = new ArrayList<>(output);
    boolean isOpen = false;
    // The more a line leaves open, the later it chooses.
    Stream<String> lines = expected.lines().sorted((a, b) -> ellipses(a) - ellipses(b));
    for (String line : (Iterable<String>) lines::iterator) {
      if (line.equals(ANYTHING)) {
        isOpen = true;
      } else {
        String regex = regex(line);
        int found = rest.stream().map(each -> each.matches(regex)).toList().indexOf(true);
        if (found < 0) {
          return false;
        }
        rest.remove(found);
      }
    }
    return isOpen || rest.isEmpty();
  }

  private static int ellipses(String line) {
    return line.split(ANYTHING, -1).length;
  }

  private static String regex(String line) {
    return Stream.of(line.split(ANYTHING, -1)).map(Pattern::quote).collect(joining(".+"));
  }
}
