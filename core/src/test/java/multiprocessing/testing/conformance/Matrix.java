package multiprocessing.testing.conformance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The rows and their proofs: what is wrong with them, and the page that shows them. */
final class Matrix {
  private static final String HEAD =
      """
      # Conformance

      What the test suite of CPython's `multiprocessing` asserts, one behaviour a row, and what proves it
      here. This page is made from the tests themselves by `./mp conformance`; the build fails when it
      tells anything else than they do, and when a test that it names did not run.

      A proof is a test of `core/src/test/java`, by its class and method. Where the class is a suite that
      several implementations share, the start methods follow for which it runs (*in process* is
      `Multiprocessing.inProcess()`). *Long run* means that it is left out of `./mp test`, and run by
      `./mp long`. Numbers 1 to 263 are the tests of CPython 3.14; those that follow are of later
      branches, of a proposal, and of the suite about the main module.

      """;

  private final List<Row> rows;
  private final Proofs proofs;

  Matrix(List<Row> rows, Proofs proofs) {
    this.rows = rows;
    this.proofs = proofs;
  }

  /** The rows as the proofs have it now: what was coming and has proofs is proven. */
  List<Row> updated() {
    return rows.stream()
        .map(row -> row.isComing() && isProven(row) ? row.as(Row.PROVEN) : row)
        .toList();
  }

  private boolean isProven(Row row) {
    return proofs.of(row.number()).stream().anyMatch(proof -> !proof.isLong());
  }

  /** What contradicts itself, a sentence each. */
  List<String> faults() {
    List<String> faults = new ArrayList<>(proofs.faults());
    Set<Integer> numbers = new TreeSet<>();
    for (Row row : rows) {
      if (!numbers.add(row.number())) {
        faults.add("row " + row.number() + " is there twice");
      }
      String fault = fault(row);
      if (!fault.isEmpty()) {
        faults.add("row " + row.number() + " (" + row.suite() + "." + row.method() + ") " + fault);
      }
    }
    for (int named : proofs.rows()) {
      if (!numbers.contains(named)) {
        faults.add("there is no row " + named + ", which " + names(named) + " claims to prove");
      }
    }
    return faults;
  }

  private String fault(Row row) {
    boolean isNamed = !proofs.of(row.number()).isEmpty();
    if (row.hasReason()) {
      return isNamed ? "does not apply, yet " + names(row.number()) + " claims to prove it" : "";
    }
    if (row.isComing()) {
      return isProven(row)
          ? "is marked as coming, yet " + names(row.number()) + " proves it: run ./mp conformance"
          : "";
    }
    if (row.isProven()) {
      return isProven(row) ? "" : "has no proof any more that an ordinary build runs";
    }
    return "has neither proof nor reason, nor is it marked as coming: " + row.standing();
  }

  private String names(int row) {
    return proofs.of(row).stream().map(Proof::name).distinct().collect(Collectors.joining(", "));
  }

  /** Proofs of an ordinary build that did not run. */
  List<String> missing(Set<String> executed) {
    return rows.stream()
        .flatMap(row -> proofs.of(row.number()).stream())
        .filter(proof -> !proof.isLong() && !executed.contains(proof.test()))
        .map(proof -> proof.test() + " did not run to a good end in this build")
        .distinct()
        .toList();
  }

  /** The page, in Markdown. */
  String page() {
    StringBuilder page = new StringBuilder(HEAD);
    page.append(summary());
    String suite = "";
    for (Row row : updated()) {
      if (!row.suite().equals(suite)) {
        suite = row.suite();
        page.append("\n## ").append(suite).append("\n\n");
        page.append("| # | Python's test | what it asserts | proof |\n|---|---|---|---|\n");
      }
      page.append("| ").append(row.number());
      page.append(" | `").append(row.method());
      page.append("` | ").append(escape(row.behaviour()));
      page.append(" | ").append(escape(proof(row))).append(" |\n");
    }
    return page.toString();
  }

  private String summary() {
    List<Row> now = updated();
    return "%d rows: %d proven, %d coming, %d do not apply.\n"
        .formatted(
            now.size(),
            now.stream().filter(Row::isProven).count(),
            now.stream().filter(Row::isComing).count(),
            now.stream().filter(Row::hasReason).count());
  }

  private String proof(Row row) {
    if (row.hasReason()) {
      return "does not apply: " + row.reason();
    }
    Map<String, Set<String>> variants = new LinkedHashMap<>();
    for (Proof proof : proofs.of(row.number())) {
      String name = "`" + proof.name() + "`" + (proof.isLong() ? " *long run*" : "");
      Set<String> known = variants.computeIfAbsent(name, _ -> new TreeSet<>());
      if (!proof.variant().isEmpty()) {
        known.add(proof.variant());
      }
    }
    String all =
        variants.entrySet().stream()
            .map(each -> each.getKey() + inBrackets(each.getValue()))
            .collect(Collectors.joining(", "));
    return row.isComing() ? "*coming*" + (all.isEmpty() ? "" : ": " + all) : all;
  }

  private static String inBrackets(Set<String> variants) {
    return variants.isEmpty() ? "" : " (" + String.join(", ", variants) + ")";
  }

  private static String escape(String text) {
    return text.replace("|", "\\|").replace("*=", "\\*=").replace("__", "\\_\\_");
  }
}
