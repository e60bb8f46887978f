package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Forks of a program that is busy in every nasty way: none hangs, here or there, the parent's work
 * is all accounted for, and the children are whole. A fork may be refused, but few are.
 */
@ProcessTest
final class ForkTortureTest {
  private static final int ALL_CHORES = Chore.values().length;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"Serial", "Parallel", "G1"})
  @Deadline(seconds = 600)
  void aBusyProgramForks(String collector) throws Exception {
    run(collector, 10, 3, 3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Serial", "Parallel", "G1"})
  @Tag("stress")
  @Deadline(seconds = 7_200)
  void aBusyProgramForksThreeHundredTimes(String collector) throws Exception {
    run(collector, 300, 15, ALL_CHORES);
  }

  private void run(String collector, int forks, int mostRefused, int chores) throws Exception {
    System.out.println(collector);
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+Use" + collector + "GC",
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            ForkTorture.class.getName(),
            folder.toString(),
            "" + forks,
            "" + mostRefused,
            "" + chores);
    assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
  }
}
