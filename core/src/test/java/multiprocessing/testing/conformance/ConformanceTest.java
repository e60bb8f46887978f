package multiprocessing.testing.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That the check of the conformance list bites. */
final class ConformanceTest {
  /** Classes like those of the tests, which nobody runs: their names are not those of tests. */
  abstract static class Suite {
    @Test
    @Proves({1, 2})
    void one() {}

    @Test
    @Proves(2)
    void two() {}

    @Test
    @Tag("stress")
    @Proves({3, 4})
    void slow() {}
  }

  static final class SpawnSuite extends Suite {}

  static final class ForkSuite extends Suite {}

  static final class Wrong {
    @Proves(1)
    void isNoTest() {}

    @Test
    @Proves({2, 2, 99})
    void twice() {}
  }

  abstract static class Lonely {
    @Test
    @Proves(1)
    void neverRuns() {}
  }

  private static final Set<String> ALL =
      Set.of(one("Spawn"), one("Fork"), two("Spawn"), two("Fork"));

  private static String one(String method) {
    return prefix(method) + "#one";
  }

  private static String two(String method) {
    return prefix(method) + "#two";
  }

  private static String prefix(String method) {
    return ConformanceTest.class.getName() + "$" + method + "Suite";
  }

  private static Proofs suites() {
    return Proofs.of(List.of(Suite.class, SpawnSuite.class, ForkSuite.class));
  }

  private static Matrix matrix(String... lines) {
    return new Matrix(Row.parse(List.of(lines)), suites());
  }

  private static Matrix sound() {
    return matrix(
        "1\tA\tx\tdoes x\tproven",
        "2\tA\ty\tdoes | y\tproven",
        "3\tB\tz\tdoes z\tcoming",
        "4\tB\tw\tdoes w\tcoming",
        "5\tB\tv\tdoes v\tno: there is no v");
  }

  @Test
  void thePageTellsWhatProvesARow() {
    String page = sound().page();
    String runs = "(fork, spawn)";
    assertTrue(
        page.contains("| 1 | `x` | does x | `ConformanceTest.Suite.one` " + runs + " |\n"), page);
    assertTrue(page.contains("| 2 | `y` | does \\| y | `ConformanceTest.Suite.one` " + runs), page);
    assertTrue(page.contains("*coming*: `ConformanceTest.Suite.slow` *long run* " + runs), page);
    assertTrue(page.contains("| 5 | `v` | does v | does not apply: there is no v |\n"), page);
    assertTrue(page.contains("5 rows: 2 proven, 2 coming, 1 do not apply.\n"), page);
  }

  @Test
  void whatIsSoundHasNoFault() {
    assertEquals(List.of(), Conformance.faults(sound(), sound().page(), ALL));
  }

  @Test
  void aPageThatTellsSomethingElseIsAFault() {
    assertFault("run ./mp conformance", Conformance.faults(sound(), sound().page() + "!", ALL));
  }

  @Test
  void aTestThatDidNotRunIsAFault() {
    assertFault(
        two("Fork") + " did not run",
        Conformance.faults(
            sound(), sound().page(), Set.of(one("Spawn"), one("Fork"), two("Spawn"))));
  }

  @Test
  void aRowNeedsAProofOrAReason() {
    List<String> faults =
        matrix(
                "1\tA\ta\ta\tcoming",
                "2\tA\tb\tb\tno: it cannot be",
                "2\tA\tb\tb\tproven",
                "3\tA\tc\tc\tproven",
                "4\tA\td\td\tno: ",
                "6\tA\te\te\t")
            .faults();
    assertFault("row 1 (A.a) is marked as coming, yet", faults);
    assertFault("row 2 (A.b) does not apply, yet", faults);
    assertFault("row 2 is there twice", faults);
    assertFault("row 3 (A.c) has no proof any more that an ordinary build runs", faults);
    assertFault("row 4 (A.d) has neither", faults);
    assertFault("row 6 (A.e) has neither", faults);
  }

  @Test
  void proofsThatCannotBeAreFaults() {
    Proofs proofs = Proofs.of(List.of(Wrong.class, Lonely.class));
    List<String> faults =
        new Matrix(Row.parse(List.of("1\tA\ta\ta\tcoming", "2\tA\tb\tb\tproven")), proofs).faults();
    assertFault("Wrong#isNoTest is no test", faults);
    assertFault("Wrong#twice names row 2 twice", faults);
    assertFault("there is no row 99", faults);
    assertFault("Lonely#neverRuns is in no class that can be run", faults);
    assertEquals(4, faults.size(), faults::toString);
  }

  @Test
  void whatWasComingBecomesProven() {
    Matrix matrix = matrix("1\tA\ta\ta\tcoming", "3\tA\tc\tc\tcoming");
    assertEquals(
        List.of("1\tA\ta\ta\tproven", "3\tA\tc\tc\tcoming"),
        matrix.updated().stream().map(Row::toLine).toList());
  }

  @Test
  void aLineHasItsColumns() {
    assertThrows(IllegalArgumentException.class, () -> Row.parse(List.of("1\tA\ta\ta")));
    assertEquals(List.of(), Row.parse(List.of("", "  ")));
  }

  @Test
  void aBuildOfSomeTestsIsToldFromOneOfAll() {
    assertEquals("", Conformance.selection(Map.of("test", "${test}", "groups", "")));
    assertEquals("", Conformance.selection(Map.of("skipTests", "false")));
    assertEquals("-Dtest=A*", Conformance.selection(Map.of("test", "A*")));
    assertEquals("-DskipTests=true", Conformance.selection(Map.of("skipTests", "true")));
  }

  @Test
  void onlyWhatThisBuildHasRunCounts(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("1.txt"), "A#a\nA#b\n");
    Files.writeString(folder.resolve("2.txt"), "B#a\n");
    Instant now = Instant.now();
    assertEquals(Set.of("A#a", "A#b", "B#a"), ExecutedTests.read(folder, now.minusSeconds(600)));
    assertEquals(Set.of(), ExecutedTests.read(folder, now.plusSeconds(600)));
    assertEquals(Set.of(), ExecutedTests.read(folder.resolve("none"), now));
  }

  private static void assertFault(String part, List<String> faults) {
    assertFalse(faults.stream().noneMatch(fault -> fault.contains(part)), part + " in " + faults);
  }
}
