package multiprocessing.internal.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import multiprocessing.memory.SharedValue;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.ForkHandlers;
import multiprocessing.process.ForkServers;
import multiprocessing.process.StartMethod;
import multiprocessing.sync.ProcessLock;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A process is forked while its cleaner lets go of hundreds of blocks: its child, where the cleaner
 * goes on, must not let go of them a second time, for by then they may be somebody else's.
 */
@ProcessTest
final class LettingGoTest {
  private static final int FORKS = 30;
  private static final int GARBAGE = 300;
  private static final int OWN = 20;

  private static volatile boolean litters;

  /** Locks that nobody needs, and a cleaner that has begun to see to them. */
  private static void litter() {
    if (litters) {
      for (int i = 0; i < GARBAGE; i++) {
        new ProcessLock();
      }
      System.gc();
    }
  }

  private static void startLittering() {
    litters = true;
    ForkHandlers.add(LettingGoTest::litter, null, null);
  }

  @AfterEach
  void stopLittering() {
    litters = false;
    ForkServers.warmUp(null);
  }

  @ParameterizedTest
  @EnumSource(names = {"FORK", "FORKSERVER"})
  @Deadline(seconds = 300)
  void whatIsLetGoDuringAForkIsLetGoOnce(StartMethod method) throws Exception {
    if (method == StartMethod.FORKSERVER) {
      ForkServers.warmUp(LettingGoTest::startLittering);
    } else {
      startLittering();
    }
    List<SharedValue.OfLong> values = new ArrayList<>();
    for (int fork = 0; fork < FORKS; fork++) {
      ChildProcess child =
          ChildProcess.builder().startMethod(method).target(() -> System.gc()).build();
      child.start();
      for (int i = 0; i < OWN; i++) {
        values.add(SharedValue.ofLong(values.size()));
      }
      child.join();
      assertEquals(0, child.exitCode().orElseThrow());
      child.close();
      HeapWalk.of(TreeMemory.get());
    }
    for (int i = 0; i < values.size(); i++) {
      assertEquals(i, values.get(i).get());
    }
  }
}
