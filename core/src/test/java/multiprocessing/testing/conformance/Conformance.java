package multiprocessing.testing.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import multiprocessing.testing.Repository;

/**
 * Makes {@code docs/conformance.md}, or checks it: the build runs this after the tests.
 *
 * <p>A build of which only some tests were wanted says nothing about the page, and so is not
 * checked.
 */
@SuppressWarnings("SystemOut") // it is a program of the build
public final class Conformance {
  private static final String PAGE = "docs/conformance.md";
  private static final String ROWS = "core/src/test/resources/conformance/rows.tsv";

  /** What makes a build one of some tests only; Maven leaves what is not set as it is written. */
  private static final List<String> SELECTIONS =
      List.of("test", "groups", "skipTests", "maven.test.skip");

  private Conformance() {}

  /**
   * Runs it.
   *
   * @param arguments {@code name=value} each: {@code mode} (check or write), {@code classes},
   *     {@code executed}, {@code since}, and the properties of Maven that select tests
   */
  public static void main(String[] arguments) throws IOException, ClassNotFoundException {
    Map<String, String> options = new HashMap<>();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      options.put(argument.substring(0, equals), argument.substring(equals + 1));
    }
    Path root = Repository.root();
    List<Row> rows = Row.parse(Files.readAllLines(root.resolve(ROWS)));
    Matrix matrix = new Matrix(rows, Proofs.in(Path.of(option(options, "classes"))));
    if (option(options, "mode").equals("write")) {
      List<Row> updated = matrix.updated();
      Files.write(root.resolve(ROWS), updated.stream().map(Row::toLine).toList());
      Files.writeString(root.resolve(PAGE), matrix.page());
      report(new Matrix(updated, Proofs.in(Path.of(option(options, "classes")))).faults());
      return;
    }
    String selection = selection(options);
    if (!selection.isEmpty()) {
      System.out.println("conformance: not checked in a build of some tests: " + selection);
      return;
    }
    Set<String> executed =
        ExecutedTests.read(
            Path.of(option(options, "executed")), Instant.parse(option(options, "since")));
    report(faults(matrix, Files.readString(root.resolve(PAGE)), executed));
  }

  /** All that is wrong with the page, the rows and the proofs. */
  static List<String> faults(Matrix matrix, String page, Set<String> executed) {
    List<String> faults = new ArrayList<>(matrix.faults());
    faults.addAll(matrix.missing(executed));
    if (!page.equals(matrix.page())) {
      faults.add(PAGE + " is not what the tests say: run ./mp conformance");
    }
    return faults;
  }

  /** The property that selects tests; empty if all were wanted. */
  static String selection(Map<String, String> options) {
    for (String name : SELECTIONS) {
      String value = options.getOrDefault(name, "");
      boolean isSet = !value.isEmpty() && !value.startsWith("${") && !value.equals("false");
      if (isSet) {
        return "-D" + name + "=" + value;
      }
    }
    return "";
  }

  private static String option(Map<String, String> options, String name) {
    String value = options.get(name);
    if (value == null) {
      throw new IllegalArgumentException("missing: " + name + "=");
    }
    return value;
  }

  private static void report(List<String> faults) {
    if (!faults.isEmpty()) {
      faults.forEach(fault -> System.err.println("conformance: " + fault));
      System.exit(1);
    }
  }
}
