package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import multiprocessing.Multiprocessing;
import multiprocessing.pool.ProcessPool;
import multiprocessing.pool.TaskFuture;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Proves;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a program ends that has a pool, and its workers with it. */
@ProcessTest
final class PoolEndTest {
  private static final int BY_SIGINT = 130;
  private static final int BY_SIGKILL = 137;

  @TempDir Path folder;

  /** Two workers that sleep, of which one has a pool of its own that sleeps. */
  static final class Sleepers {
    private Sleepers() {}

    static void sleep(String folder) throws Exception {
      Root.report(folder);
      Thread.sleep(600_000);
    }

    public static void main(String[] arguments) throws Exception {
      String folder = arguments[0];
      try (ProcessPool pool = Multiprocessing.pool(2)) {
        for (int i = 0; i < 3; i++) {
          TaskFuture<?> _ =
              pool.submit(
                  () -> {
                    Root.report(folder);
                    try (ProcessPool inner = Multiprocessing.context(StartMethod.SPAWN).pool(1)) {
                      inner.apply(
                          () -> {
                            sleep(folder);
                            return 1;
                          });
                    }
                  });
        }
        pool.map(x -> x, List.of(1, 2, 3));
      }
    }
  }

  @Test
  void ctrlCEndsTheTreeWithOneLine() throws Exception {
    Root root = Root.start(folder, Sleepers.class);
    List<Long> pids = root.pids(4);
    root.signal("INT");
    assertEquals(BY_SIGINT, root.exitCode());
    Root.awaitGone(pids);
    assertEquals("", root.out());
    assertTrue(
        root.err().matches("interrupted: 2 workers are ended, \\d tasks? had not begun\n"),
        root.err());
  }

  @Test
  void workersAndTheirsEndWithTheKilledProgram() throws Exception {
    Root root = Root.start(folder, Sleepers.class);
    List<Long> pids = root.pids(4);
    root.signal("KILL");
    assertEquals(BY_SIGKILL, root.exitCode());
    Root.awaitGone(pids);
  }

  /** Leaves its pool open. */
  static final class Leaver {
    static @Nullable ProcessPool pool;

    private Leaver() {}

    public static void main(String[] arguments) throws Exception {
      ProcessPool made = Multiprocessing.pool(1);
      pool = made;
      System.out.println(made.map(x -> x * x, List.of(1, 2, 3)));
    }
  }

  @Test
  @Proves(122)
  void aProgramMayLeaveItsPoolOpen() throws Exception {
    Root root = Root.start(folder, Leaver.class);
    assertEquals(0, root.exitCode());
    assertEquals("[1, 4, 9]\n", root.out());
    assertEquals("", root.err());
  }
}
