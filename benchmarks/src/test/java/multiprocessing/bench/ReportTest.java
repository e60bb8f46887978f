package multiprocessing.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Medians, ratios, and how they are written. */
class ReportTest {
  private static final Side OURS = Side.ours("work");
  private static final Side PYTHON = Side.cpython("work");

  private static Outcome outcome(Unit unit, long each, Aim aim) {
    Row row =
        Row.of("group", "row", "some work")
            .unit(unit, each)
            .side(OURS)
            .side(PYTHON)
            .aim(aim)
            .build();
    return new Outcome(
        row,
        Map.of(
            OURS, new Samples(List.of(30.0, 10.0, 20.0)),
            PYTHON, new Samples(List.of(100.0, 300.0))),
        Map.of());
  }

  @Test
  void theMedianIsInTheMiddle() {
    assertEquals(20, new Samples(List.of(30.0, 10.0, 20.0)).median());
    assertEquals(25, new Samples(List.of(10.0, 20.0, 30.0, 1000.0)).median());
    assertEquals(7, new Samples(List.of(7.0)).median());
  }

  @Test
  void timesAreBetterWhenTheyAreSmall() {
    Outcome outcome = outcome(Unit.TIME, 1, Aim.atMost(0.1));
    assertEquals(OptionalDouble.of(0.1), outcome.ratio());
    assertEquals("met", outcome.verdict());
    assertEquals("20.0 ns", outcome.median(OURS));
    assertEquals("10.0 ns – 30.0 ns", outcome.spread(OURS));
  }

  @Test
  void ratesAreBetterWhenTheyAreGreat() {
    Outcome outcome = outcome(Unit.RATE, 2, Aim.atLeast(11));
    assertEquals(10, outcome.ratio().orElseThrow(), 1e-9);
    assertEquals("missed", outcome.verdict());
    assertEquals("100 M/s", outcome.median(OURS));
    assertEquals("66.7 M/s – 200 M/s", outcome.spread(OURS));
  }

  @Test
  void memoryIsBetterWhenItIsLittle() {
    Outcome outcome = outcome(Unit.MEMORY, 1, Aim.atMost(0.1));
    assertEquals("met", outcome.verdict());
    assertEquals("20.0 B", outcome.median(OURS));
    assertEquals("100 B – 300 B", outcome.spread(PYTHON));
  }

  @Test
  void anAimCanBeATime() {
    assertEquals("met", outcome(Unit.TIME, 1, Aim.atMost(Duration.ofNanos(20))).verdict());
    assertEquals("missed", outcome(Unit.TIME, 1, Aim.atMost(Duration.ofNanos(19))).verdict());
    assertEquals("≤ 1.00 ms", Aim.atMost(Duration.ofMillis(1)).toString());
  }

  @Test
  void anAimCanBeAboutAnotherPeer() {
    Side limit = Side.limit("the least", "least");
    Row row =
        Row.of("group", "row", "some work")
            .side(OURS)
            .side(PYTHON)
            .side(limit)
            .aim(Aim.atMost(0.5))
            .aim(Aim.atMost(1.3).of(Peer.C))
            .because("it must be.")
            .build();
    Map<Side, Samples> samples = new HashMap<>();
    samples.put(OURS, new Samples(List.of(20.0)));
    samples.put(PYTHON, new Samples(List.of(100.0)));
    assertEquals("", new Outcome(row, samples, Map.of()).verdict());
    samples.put(limit, new Samples(List.of(16.0)));
    assertEquals("met", new Outcome(row, samples, Map.of()).verdict());
    samples.put(limit, new Samples(List.of(10.0)));
    Outcome missed = new Outcome(row, samples, Map.of());
    assertEquals("missed", missed.verdict());
    Plan plan = new Plan(3, Duration.ofMillis(1), 1, Duration.ofSeconds(1));
    String text = Results.markdown("group", List.of(missed), Map.of(), plan);
    assertTrue(text.contains("| ≤ 0.500; ≤ 1.30 of C | missed |"), text);
    assertTrue(text.contains("\nBehind, or short of an aim:\n\n- `row`: it must be.\n"), text);
  }

  @Test
  void whoeverIsAheadIsTold() {
    Row row = Row.of("group", "row", "some work").side(OURS).side(PYTHON).build();
    Samples few = new Samples(List.of(1.0));
    Samples many = new Samples(List.of(2.0));
    assertTrue(new Outcome(row, Map.of(OURS, many, PYTHON, few), Map.of()).isBehind());
    assertFalse(new Outcome(row, Map.of(OURS, few, PYTHON, many), Map.of()).isBehind());
    assertFalse(new Outcome(row, Map.of(OURS, few), Map.of(PYTHON, "skipped")).isBehind());
  }

  @Test
  void aTimeThatWasNotMeasuredMeetsNoAim() {
    Row row = outcome(Unit.TIME, 1, Aim.atMost(Duration.ofNanos(20))).row();
    Outcome outcome =
        new Outcome(row, Map.of(PYTHON, new Samples(List.of(1.0))), Map.of(OURS, "failed"));
    assertEquals("", outcome.verdict());
  }

  @Test
  void aSideThatFailedHasNoRatio() {
    Row row = outcome(Unit.TIME, 1, Aim.atMost(1)).row();
    Outcome outcome =
        new Outcome(
            row, Map.of(OURS, new Samples(List.of(1.0))), Map.of(PYTHON, "skipped: no python"));
    assertEquals(OptionalDouble.empty(), outcome.ratio());
    assertEquals("", outcome.verdict());
    List<String> lines = Table.lines(outcome);
    assertEquals("row                    1.00 ns                           ≤ 1.00", lines.get(0));
    assertEquals("    CPython: skipped: no python", lines.get(3));
  }

  @ParameterizedTest
  @CsvSource({
    "TIME, 0.5, 0.500 ns",
    "TIME, 9.996, 10.0 ns",
    "TIME, 99.96, 100 ns",
    "TIME, 999.6, 1.00 µs",
    "TIME, 1234567, 1.23 ms",
    "TIME, 12345678900, 12.3 s",
    "RATE, 999, 999 /s",
    "MEMORY, 12345678, 12.3 MB",
    "BYTES, 4321000000, 4.32 GB/s",
    "BYTES, 4321000000000, 4321 GB/s"
  })
  void numbersHaveThreeDigits(Unit unit, double value, String expected) {
    assertEquals(expected, unit.format(value));
  }

  @Test
  void roundsGrowUntilTheyAreLongEnough() {
    assertEquals(10, Runner.nextCount(1, 1, 1_000));
    assertEquals(500, Runner.nextCount(100, 2, 1_000));
    assertEquals(1, Runner.nextCount(1, 1e9, 1_000));
  }

  @Test
  void theMarkdownHasALineForEachRowAndSide() {
    Plan plan = new Plan(3, Duration.ofMillis(1), 1, Duration.ofSeconds(1));
    String text =
        Results.markdown(
            "group", List.of(outcome(Unit.TIME, 1, Aim.atMost(0.05))), Map.of("Java", "25"), plan);
    assertTrue(text.contains("- Java: 25\n"), text);
    assertTrue(text.contains("| row | here | CPython | aim |  |\n|---|---|---|---|---|\n"), text);
    assertTrue(
        text.contains("| `row` some work | 20.0 ns | 200 ns (0.100) | ≤ 0.0500 | missed |\n"),
        text);
    assertTrue(text.contains("| `row` | CPython | 200 ns | 100 ns – 300 ns | 0.100 |\n"), text);
  }

  @Test
  void thePictureHasADotForEachSide() {
    String svg = Plot.of("group", List.of(outcome(Unit.TIME, 1, Aim.atMost(0.05))));
    assertTrue(svg.startsWith("<svg ") && svg.endsWith("</svg>\n"), svg);
    assertTrue(svg.contains("<title>here: 10.0</title>"), svg);
    assertTrue(svg.contains("<title>CPython: 1.00</title>"), svg);
    assertTrue(svg.contains("prefers-color-scheme: dark"), svg);
  }

  @Test
  void aPictureNeedsABaseline() {
    Row row = outcome(Unit.TIME, 1, Aim.atMost(1)).row();
    Outcome alone =
        new Outcome(row, Map.of(OURS, new Samples(List.of(1.0))), Map.of(PYTHON, "skipped"));
    assertEquals("", Plot.of("group", List.of(alone)));
  }
}
