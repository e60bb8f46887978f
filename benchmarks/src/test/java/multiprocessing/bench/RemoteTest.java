package multiprocessing.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs that are asked for rounds. */
@Timeout(60)
class RemoteTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private static List<String> shell(String script) {
    return List.of("sh", "-c", script);
  }

  @Test
  void answersAreUnderstood() throws Exception {
    assertEquals(12, Remote.parse("ok 12"));
    assertThrows(Remote.FailedException.class, () -> Remote.parse("ok twelve"));
    assertThrows(Remote.FailedException.class, () -> Remote.parse("12"));
  }

  @Test
  void aProgramIsAskedForRounds() throws Exception {
    String script = "echo ready; while read -r run n; do echo \"ok $((n * 2))\"; done";
    try (Remote remote = Remote.start(shell(script))) {
      remote.awaitReady(LONG);
      assertEquals(6, remote.run(3, LONG));
      assertEquals(8, remote.run(4, LONG));
    }
  }

  @Test
  void whatWentWrongIsTold() throws Exception {
    try (Remote remote = Remote.start(shell("echo ready; read -r line; echo error no luck"))) {
      remote.awaitReady(LONG);
      Remote.FailedException thrown =
          assertThrows(Remote.FailedException.class, () -> remote.run(1, LONG));
      assertEquals("no luck", thrown.getMessage());
    }
  }

  @Test
  void aProgramThatHangsIsEnded() throws Exception {
    try (Remote remote = Remote.start(shell("echo ready; sleep 600"))) {
      remote.awaitReady(LONG);
      assertThrows(Remote.FailedException.class, () -> remote.run(1, Duration.ofMillis(50)));
      assertTrue(remote.awaitEnd(LONG));
    }
  }

  /** The works of each kind that has a shape of its own; those that are fetched are left out. */
  @ParameterizedTest
  @CsvSource({
    "PYTHON, queue-round-trip",
    "PYTHON, queue-parked",
    "PYTHON, start-fork",
    "PYTHON, latency-fork",
    "PYTHON, first-fork",
    "PYTHON, private-fork",
    "JAVA, pp4j-start",
    "JAVA, pp4j-apply",
    "JAVA, pp4j-map-chunk-100",
    "C, futex-parked",
    "C, pipe",
    "C, exec"
  })
  void aProgramDoesARound(Program program, String work) throws Exception {
    try (Toolbox toolbox = Toolbox.open()) {
      Tool tool = toolbox.tool(program);
      if (tool.isMissing()) {
        assertTrue(tool.version().startsWith("there is no "), tool.version());
        return;
      }
      try (Remote remote = Remote.start(tool.command(work).orElseThrow())) {
        remote.awaitReady(LONG);
        assertTrue(remote.run(2, LONG) > 0);
      }
    }
  }
}
