package multiprocessing.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The command line. */
class OptionsTest {
  @Test
  void withoutNamesAllRowsAreMeant() {
    Options options = Options.parse(List.of("--quick"));
    assertTrue(options.quick());
    assertFalse(options.write());
    assertEquals(Rows.ALL, options.rows());
  }

  @Test
  void aNameMeansARowOrAGroup() {
    assertEquals(
        List.of(
            "lock",
            "map-chunk-1",
            "map",
            "map-chunk-100",
            "imap",
            "map-1mib",
            "apply",
            "worker-private"),
        Options.parse(List.of("pool", "lock")).rows().stream().map(Row::name).toList());
  }

  @Test
  void nonsenseIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Options.parse(List.of("--fast")));
    assertThrows(IllegalArgumentException.class, () -> Options.parse(List.of("nothing")));
  }

  @Test
  void whatLivesInOneMachineHasAName() {
    Options options = Options.parse(List.of(OneMachine.NAME));
    assertTrue(options.oneMachine());
    assertEquals(List.of(), options.rows());
    assertFalse(Options.parse(List.of("lock")).oneMachine());
    assertTrue(Options.parse(List.of()).oneMachine());
  }
}
