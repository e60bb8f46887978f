package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import multiprocessing.Context;
import multiprocessing.Multiprocessing;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What forks draw whose program had no random numbers before it first forked, so that the library
 * was the first to look at the generators.
 */
@ProcessTest
@Deadline(seconds = 120)
final class ForkRandomnessTest {
  private static final String USUAL = "NativePRNG";

  @TempDir Path folder;

  /** Forks, then draws, then forks twice; each process says what it has drawn. */
  static final class Program {
    private Program() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws InterruptedException {
      Context context = Multiprocessing.context(StartMethod.valueOf(arguments[1]));
      run(context, () -> {});
      draw();
      for (int i = 0; i < 2; i++) {
        run(context, Program::draw);
      }
    }

    private static void run(Context context, SerializableRunnable task)
        throws InterruptedException {
      ChildProcess child = context.process(task);
      child.start();
      child.join();
    }

    @SuppressWarnings("SystemOut")
    private static void draw() {
      SecureRandom random = new SecureRandom();
      System.out.println(random.getAlgorithm());
      System.out.println(random.nextLong());
      System.out.println(UUID.randomUUID());
      System.out.flush();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FORK", "FORKSERVER"})
  void theyDrawDifferentNumbersByTheUsualGenerator(StartMethod method) throws Exception {
    Root root = Root.start(folder, Program.class, method.name());
    assertEquals(0, root.exitCode(), root.err());
    List<String> lines = root.out().lines().toList();
    assertEquals(9, lines.size(), root.out());
    for (String line : lines) {
      assertEquals(line.equals(USUAL) ? 3 : 1, Collections.frequency(lines, line), root.out());
    }
    assertEquals(3, Collections.frequency(lines, USUAL), root.out());
  }
}
