package multiprocessing.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.Serializable;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.BrokenBarrierException;
import multiprocessing.error.OwnerDiedException;
import multiprocessing.error.TasksLostException;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;
import multiprocessing.sync.ProcessBarrier;
import multiprocessing.sync.ProcessCondition;
import multiprocessing.sync.ProcessEvent;
import multiprocessing.sync.ProcessReentrantLock;
import multiprocessing.testing.Children;
import multiprocessing.testing.CrashPoints;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Kills processes at random moments while they work with everything that waits; whoever is left can
 * go on with all of it.
 */
@Tag("crash")
@ProcessTest
@SuppressWarnings({"LockNotBeforeTry", "WaitNotInLoop"}) // holders die: nothing is done in order
class SyncRandomKillTest {
  @Test
  @Deadline(seconds = 50)
  void theOthersGoOn() throws Exception {
    rounds(6, CrashPoints.round());
  }

  @Test
  @Tag("stress")
  @Deadline(seconds = 900)
  void theOthersGoOnAThousandTimes() throws Exception {
    rounds(1_000, 2);
  }

  private static void rounds(int count, long seed) throws Exception {
    Random random = new Random(seed);
    StartMethod method = CrashPoints.startMethodOr(StartMethod.FORKSERVER);
    for (int round = 0; round < count; round++) {
      World world = new World();
      ChildProcess[] children = new ChildProcess[3];
      for (int i = 0; i < children.length; i++) {
        long its = random.nextLong();
        children[i] = Children.start(method, () -> world.work(new Random(its)));
      }
      world.started().await();
      Thread.sleep(random.nextInt(30), random.nextInt(1_000_000));
      Children.kill(children[0]);
      Thread.sleep(random.nextInt(3), random.nextInt(1_000_000));
      Children.kill(children[1]);
      world.stop().set();
      Children.joinAll(children[2]); // it has survived
      world.check();
    }
  }

  /** Everything that waits. */
  private record World(
      ProcessEvent started,
      ProcessEvent stop,
      ProcessEvent pulse,
      ProcessCondition condition,
      ProcessBarrier barrier,
      JoinableQueue<Integer> tasks)
      implements Serializable {
    World() {
      this(
          new ProcessEvent(),
          new ProcessEvent(),
          new ProcessEvent(),
          new ProcessCondition(),
          new ProcessBarrier(2),
          new JoinableQueue<>(10));
    }

    void work(Random random) throws Exception {
      while (!stop.isSet()) {
        switch (random.nextInt(5)) {
          case 0 -> waitInCondition(random);
          case 1 -> signal(random);
          case 2 -> meet(random);
          case 3 -> doTasks(random);
          default -> {
            pulse.set();
            pulse.clear();
            boolean _ = pulse.await(Duration.ofNanos(random.nextInt(500_000)));
          }
        }
        started.set();
      }
    }

    private ProcessReentrantLock lock() {
      return (ProcessReentrantLock) condition.associatedLock();
    }

    private void insist() {
      try {
        lock().lock();
      } catch (OwnerDiedException e) {
        lock().recover();
      }
    }

    private void waitInCondition(Random random) throws InterruptedException {
      insist();
      try {
        boolean _ = condition.await(Duration.ofNanos(random.nextInt(1_000_000)));
      } catch (OwnerDiedException e) {
        lock().recover();
      }
      lock().unlock();
    }

    private void signal(Random random) {
      insist();
      int _ = condition.signal(random.nextInt(3));
      lock().unlock();
    }

    private void meet(Random random) throws InterruptedException {
      try {
        int _ = barrier.await(Duration.ofNanos(random.nextInt(1_000_000)));
      } catch (BrokenBarrierException e) {
        barrier.reset();
      }
    }

    private void doTasks(Random random) throws InterruptedException {
      boolean _ = tasks.offer(random.nextInt());
      if (tasks.poll() != null) {
        tasks.taskDone();
      }
    }

    void check() throws Exception {
      insist();
      boolean _ = condition.await(Duration.ofMillis(1)); // may get a signal that the dead had
      lock().unlock();
      Thread waiter =
          Thread.ofPlatform()
              .start(
                  () -> {
                    insist();
                    condition.awaitUninterruptibly();
                    lock().unlock();
                  });
      Children.await(
          () -> {
            insist();
            int signalled = condition.signal(1);
            lock().unlock();
            return signalled == 1;
          });
      waiter.join();
      barrier.reset();
      Thread party =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      int _ = barrier.await();
                    } catch (InterruptedException | BrokenBarrierException e) {
                      throw new AssertionError(e);
                    }
                  });
      int _ = barrier.await(Duration.ofDays(1));
      party.join();
      checkTasks();
    }

    private void checkTasks() throws InterruptedException {
      while (tasks.poll() != null) {
        tasks.taskDone();
      }
      int lost = 0;
      while (true) {
        try {
          tasks.join();
          break;
        } catch (TasksLostException e) {
          lost += tasks.recover();
        }
      }
      assertEquals(0, tasks.unfinishedTasks());
      assertEquals(10, tasks.remainingCapacity());
      assertTrue(lost <= 2, "each of the two had one task at most: " + lost);
    }
  }
}
