package multiprocessing.internal.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;
import multiprocessing.testing.Children;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.Test;

/** A lock that is held over a fork, between threads of which the child has only some. */
@ProcessTest
class ForkLockTest {
  private static final ForkLock LOCK = new ForkLock();

  @Test
  void isHeldByOneAtATime() throws InterruptedException {
    int[] count = new int[1];
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Thread.Builder kind = i % 2 == 0 ? Thread.ofPlatform() : Thread.ofVirtual();
      threads.add(
          kind.start(
              () -> {
                for (int j = 0; j < 10_000; j++) {
                  LOCK.lock();
                  LOCK.lock();
                  count[0]++;
                  LOCK.unlock();
                  count[0]++;
                  LOCK.unlock();
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(160_000, count[0]);
    assertFalse(LOCK.isHeldByCurrentThread());
    assertThrows(IllegalMonitorStateException.class, LOCK::unlock);
  }

  @Test
  void whoWaitsKeepsItsInterruptForLater() throws InterruptedException {
    CountDownLatch waits = new CountDownLatch(1);
    AtomicInteger interrupted = new AtomicInteger();
    LOCK.lock();
    Thread other =
        Thread.ofPlatform()
            .start(
                () -> {
                  waits.countDown();
                  LOCK.lock();
                  LOCK.unlock();
                  interrupted.set(Thread.interrupted() ? 1 : -1);
                });
    waits.await();
    other.interrupt();
    awaitParked(other);
    assertTrue(LOCK.isHeldByCurrentThread());
    LOCK.unlock();
    other.join();
    assertEquals(1, interrupted.get());
  }

  /** In the child, those who wait at the fork are still in the queue of a lock that has one. */
  @Test
  void theThreadsOfAChildTakeTurnsThoughOthersWaitedForItInTheParent() throws InterruptedException {
    LOCK.lock();
    List<Thread> others = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      others.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    LOCK.lock();
                    LOCK.unlock();
                  }));
      awaitParked(others.getLast());
    }
    ChildProcess child = Children.start(StartMethod.FORK, ForkLockTest::takeTurns);
    LOCK.unlock();
    for (Thread other : others) {
      other.join();
    }
    Children.joinAll(child);
  }

  private static void takeTurns() throws InterruptedException {
    Thread other =
        Thread.ofPlatform()
            .start(
                () -> {
                  LOCK.lock();
                  LOCK.unlock();
                });
    awaitParked(other);
    LOCK.unlock();
    other.join();
  }

  private static void awaitParked(Thread thread) throws InterruptedException {
    Children.await(() -> thread.getState() == Thread.State.TIMED_WAITING);
  }
}
