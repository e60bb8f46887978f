package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import multiprocessing.testing.Children;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.Test;

/** A process is forked while its threads are amid what children, and children of those, do too. */
@ProcessTest
@Deadline(seconds = 60)
class ForkWithoutLocksTest {
  private static final int THREADS = 3;
  private static final int ROUNDS = 30;

  @Test
  void childrenStartChildrenThoughThreadsOfTheParentAreAtThat() throws InterruptedException {
    ChildProcess other = Children.start(StartMethod.FORK, () -> Thread.sleep(1_000_000));
    AtomicBoolean isOver = new AtomicBoolean();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      threads.add(Thread.ofPlatform().start(() -> lookAround(isOver)));
    }
    try {
      for (int i = 0; i < ROUNDS; i++) {
        Children.run(
            StartMethod.FORK,
            () -> {
              assertEquals(List.of(), ChildProcess.active());
              Children.run(StartMethod.FORK, () -> assertNotNull(StartMethod.current()));
            });
      }
    } finally {
      isOver.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
      other.kill();
      other.join();
    }
  }

  private static void lookAround(AtomicBoolean isOver) {
    while (!isOver.get()) {
      assertEquals(StartMethod.FORKSERVER, StartMethod.current());
      assertNotNull(ChildProcess.active());
      for (int i = 0; i < 1_000; i++) { // a fork waits while somebody is in the library
        Thread.onSpinWait();
      }
    }
  }
}
