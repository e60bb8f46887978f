package multiprocessing.race;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A moment of each race. */
@Timeout(300)
final class RaceTest {
  @TempDir private Path folder;

  /** What it says, after the exit code. */
  private String runAll() throws Exception {
    Path output = folder.resolve("output");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("org.openjdk.jcstress.Main", "-af", "NONE", "-v"));
    command.addAll(List.of("-m", "sanity", "-t", "multiprocessing.race"));
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertTrue(process.waitFor(280, TimeUnit.SECONDS), () -> "it does not end: " + output);
    } finally {
      process.destroyForcibly();
    }
    return process.exitValue() + " " + Files.readString(output);
  }

  @Test
  void theSharedStructuresWinAll() throws Exception {
    String told = runAll();
    assertTrue(told.startsWith("0 "), told);
    assertTrue(told.contains("5 matching test results"), told);
    assertTrue(told.contains("Failed tests: No matches"), told);
    assertTrue(told.contains("Error tests: No matches"), told);
  }

  @Test
  void eachHasMemoryOfItsOwn() {
    long one = TwoMappings.slot();
    TwoMappings.setPlain(TwoMappings.FIRST, one, 1);
    long other = TwoMappings.slot();
    assertEquals(1, TwoMappings.plain(TwoMappings.SECOND, one));
    assertEquals(0, TwoMappings.plain(TwoMappings.SECOND, other));
  }
}
