package multiprocessing.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import multiprocessing.process.StartMethod;
import multiprocessing.testing.Children;
import org.junit.jupiter.api.Test;

/** The contract of managers among processes that are forks of this one. */
final class ForkManagerTest extends ManagerContract {
  private static final int THREADS = 3;
  private static final int ROUNDS = 4;

  ForkManagerTest() {
    super(StartMethod.FORK);
  }

  /** A fork must not inherit that one of them is amid opening a link. */
  @Test
  void severalThreadsStartManagersAtOnce() throws Exception {
    List<FutureTask<Integer>> starts = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      FutureTask<Integer> start = new FutureTask<>(ForkManagerTest::useManagers);
      starts.add(start);
      Thread.ofPlatform().start(start);
    }
    for (FutureTask<Integer> start : starts) {
      assertEquals(ROUNDS, start.get());
    }
  }

  private static int useManagers() throws InterruptedException {
    int found = 0;
    for (int round = 0; round < ROUNDS; round++) {
      try (Manager manager = Manager.builder().startMethod(StartMethod.FORK).start()) {
        ManagedMap<String, Integer> map = manager.map();
        Children.run(StartMethod.FORK, () -> map.put("key", 1));
        found += map.getOrDefault("key", 0);
      }
    }
    return found;
  }
}
