package multiprocessing.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import multiprocessing.Multiprocessing;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.process.StartMethod;
import multiprocessing.queue.ProcessQueue;
import multiprocessing.testing.Children;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Proves;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a barrier does, however the processes that use it are started. */
@ProcessTest
@Deadline(seconds = 40)
abstract class BarrierContract {
  private static final int PARTIES = 5;

  private final StartMethod method;

  BarrierContract(StartMethod method) {
    this.method = method;
  }

  private ChildProcess start(SerializableRunnable task) {
    return Children.start(method, task);
  }

  /** Has two children, two threads and the caller do something: five parties. */
  private void together(SerializableRunnable task) throws InterruptedException {
    ChildProcess[] children = {start(task), start(task)};
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Thread.Builder builder = i == 0 ? Thread.ofPlatform() : Thread.ofVirtual();
      threads.add(
          builder.start(
              () -> {
                try {
                  task.run();
                } catch (Throwable e) {
                  thrown.set(e);
                }
              }));
    }
    task.run();
    for (Thread thread : threads) {
      thread.join();
    }
    Children.joinAll(children);
    assertEquals(null, thrown.get());
  }

  private static void assertBroken(ProcessBarrier barrier) {
    assertThrows(BrokenBarrierException.class, barrier::await);
    assertThrows(BrokenBarrierException.class, () -> barrier.await(Duration.ofDays(1)));
    assertTrue(barrier.isBroken());
    assertEquals(0, barrier.numberWaiting());
    assertTrue(barrier.toString().contains("broken"), "" + barrier);
  }

  // --- one process ---

  @Test
  @Proves(73)
  void aPartyOfOneGoesOn() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    ProcessBarrier barrier = new ProcessBarrier(1, runs::incrementAndGet, null);
    for (int i = 0; i < 3; i++) {
      assertEquals(0, barrier.await());
      assertEquals(0, barrier.await(Duration.ZERO));
    }
    assertEquals(6, runs.get());
    assertEquals(1, barrier.parties());
    assertEquals(0, barrier.numberWaiting());
    assertFalse(barrier.isBroken());
    assertTrue(barrier.toString().contains("0 of 1 wait"), "" + barrier);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE, 32_769, Integer.MAX_VALUE})
  void nonsenseIsRefused(int parties) {
    assertThrows(IllegalArgumentException.class, () -> new ProcessBarrier(parties));
  }

  @Test
  void factoriesMakeIt() throws Exception {
    assertEquals(0, Multiprocessing.barrier(1).await());
    assertEquals(0, Multiprocessing.barrier(1, () -> {}).await());
    ProcessBarrier barrier =
        Multiprocessing.context(method).barrier(2, null, Duration.ofMillis(10));
    assertThrows(BrokenBarrierException.class, barrier::await);
  }

  @Test
  void manyVirtualThreadsPassTogether() throws Exception {
    int count = 500;
    AtomicInteger arrived = new AtomicInteger();
    ProcessBarrier barrier = new ProcessBarrier(count);
    CyclicBarrier model = new CyclicBarrier(count); // the same shall happen here
    List<Thread> threads = new ArrayList<>();
    AtomicInteger sum = new AtomicInteger();
    for (int i = 0; i < count; i++) {
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      for (int round = 1; round <= 3; round++) {
                        arrived.incrementAndGet();
                        sum.addAndGet(barrier.await() - model.await());
                        assertTrue(arrived.get() >= round * count);
                        model.await();
                      }
                    } catch (Exception e) {
                      throw new AssertionError(e);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(3 * count, arrived.get());
    assertEquals(0, sum.get());
    assertEquals(0, barrier.numberWaiting());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anInterruptBreaksIt(boolean isVirtual) throws InterruptedException {
    ProcessBarrier barrier = new ProcessBarrier(3);
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    AtomicReference<@Nullable Throwable> others = new AtomicReference<>();
    Thread.Builder builder = isVirtual ? Thread.ofVirtual() : Thread.ofPlatform();
    Thread interrupted = builder.start(() -> catching(barrier, thrown));
    Thread other = Thread.ofPlatform().start(() -> catching(barrier, others));
    Children.await(() -> barrier.numberWaiting() == 2);
    interrupted.interrupt();
    interrupted.join();
    other.join();
    assertTrue(thrown.get() instanceof InterruptedException, "" + thrown.get());
    assertTrue(others.get() instanceof BrokenBarrierException, "" + others.get());
    assertBroken(barrier);
    barrier.reset();
    assertFalse(barrier.isBroken());
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, barrier::await);
    assertFalse(Thread.interrupted());
    assertBroken(barrier);
  }

  private static void catching(ProcessBarrier barrier, AtomicReference<@Nullable Throwable> to) {
    try {
      barrier.await();
    } catch (Throwable e) {
      to.set(e);
    }
  }

  @Test
  void anActionThatFailsBreaksIt() throws Exception {
    ProcessBarrier barrier =
        new ProcessBarrier(
            2,
            () -> {
              throw new IllegalStateException("no");
            },
            null);
    AtomicReference<@Nullable Throwable> others = new AtomicReference<>();
    Thread other = Thread.ofPlatform().start(() -> catching(barrier, others));
    Children.await(() -> barrier.numberWaiting() == 1);
    IllegalStateException thrown = assertThrows(IllegalStateException.class, barrier::await);
    assertEquals("no", thrown.getMessage());
    other.join();
    assertTrue(others.get() instanceof BrokenBarrierException, "" + others.get());
    assertBroken(barrier);
  }

  // --- several processes ---

  private record Log(ProcessBarrier barrier, ProcessSemaphore entries, ProcessQueue<Integer> seen)
      implements Serializable {
    Log(ProcessBarrier barrier) {
      this(barrier, new ProcessSemaphore(0), new ProcessQueue<>());
    }

    void pass(int rounds) throws InterruptedException, BrokenBarrierException {
      for (int round = 1; round <= rounds; round++) {
        entries.release();
        seen.put(barrier.await());
        if (entries.availablePermits() < round * PARTIES) {
          throw new AssertionError("somebody is missing in round " + round);
        }
        barrier.await();
      }
    }
  }

  @Test
  @Proves({64, 65, 66})
  void allPassInLockstep() throws InterruptedException {
    Log log = new Log(new ProcessBarrier(PARTIES));
    together(() -> log.pass(10));
    assertEquals(10 * PARTIES, log.entries().availablePermits());
    int[] counts = new int[PARTIES];
    for (Integer each = log.seen().poll(); each != null; each = log.seen().poll()) {
      counts[each]++;
    }
    for (int count : counts) {
      assertEquals(10, count, "each place is taken once in a round");
    }
    assertEquals(0, log.barrier().numberWaiting());
    assertFalse(log.barrier().isBroken());
  }

  @Test
  @Proves(67)
  void theActionRunsOnceBeforeAllGoOn() throws InterruptedException {
    ProcessSemaphore runs = new ProcessSemaphore(0);
    ProcessBarrier barrier = Multiprocessing.barrier(PARTIES, runs::release);
    ProcessBarrier between = new ProcessBarrier(PARTIES);
    together(
        () -> {
          for (int round = 1; round <= 5; round++) {
            barrier.await();
            assertEquals(round, runs.availablePermits());
            between.await();
          }
        });
    assertEquals(5, runs.availablePermits());
  }

  @Test
  @Proves(68)
  void abortBreaksItForAll() throws InterruptedException {
    ProcessBarrier barrier = new ProcessBarrier(PARTIES);
    ProcessSemaphore broken = new ProcessSemaphore(0);
    together(
        () -> {
          try {
            if (barrier.await(Duration.ofNanos(Long.MAX_VALUE)) >= 0) {
              throw new AssertionError("it let us pass");
            }
          } catch (BrokenBarrierException e) {
            broken.release();
          }
        },
        barrier,
        barrier::abort);
    assertEquals(PARTIES, broken.availablePermits());
    assertBroken(barrier);
  }

  /** Has four parties do one thing, and the fifth another once the four wait. */
  private void together(
      SerializableRunnable task, ProcessBarrier barrier, SerializableRunnable last)
      throws InterruptedException {
    ProcessSemaphore turn = new ProcessSemaphore(PARTIES - 1);
    together(
        () -> {
          if (turn.tryAcquire()) {
            task.run();
          } else {
            Children.await(() -> barrier.numberWaiting() == PARTIES - 1 || barrier.isBroken());
            last.run();
            task.run();
          }
        });
  }

  @Test
  @Proves(69)
  void resetSendsThoseWhoWaitAway() throws InterruptedException {
    ProcessBarrier barrier = new ProcessBarrier(PARTIES);
    ProcessSemaphore broken = new ProcessSemaphore(0);
    ProcessSemaphore waiters = new ProcessSemaphore(PARTIES - 1);
    ProcessBarrier again = new ProcessBarrier(PARTIES);
    together(
        () -> {
          if (waiters.tryAcquire()) {
            assertThrows(BrokenBarrierException.class, barrier::await);
            broken.release();
          } else {
            Children.await(() -> barrier.numberWaiting() == PARTIES - 1);
            barrier.reset();
          }
          again.await();
          barrier.await();
        });
    assertEquals(PARTIES - 1, broken.availablePermits());
    assertFalse(barrier.isBroken());
  }

  @Test
  @Proves(70)
  void aBrokenOneWorksAgainAfterAReset() throws InterruptedException {
    ProcessBarrier barrier = new ProcessBarrier(PARTIES);
    ProcessBarrier other = new ProcessBarrier(PARTIES);
    together(
        () -> {
          barrier.abort();
          assertBroken(barrier);
          if (other.await() == 0) {
            barrier.reset();
          }
          other.await();
          barrier.await();
          barrier.await(Duration.ofDays(1));
        });
    assertFalse(barrier.isBroken());
  }

  @Test
  @Proves(71)
  void aPartyThatIsTooLateBreaksIt() throws InterruptedException {
    ProcessBarrier barrier = new ProcessBarrier(PARTIES);
    ProcessSemaphore early = new ProcessSemaphore(PARTIES - 1);
    together(
        () -> {
          if (!early.tryAcquire()) {
            Children.await(barrier::isBroken);
          }
          assertThrows(BrokenBarrierException.class, () -> barrier.await(Duration.ofMillis(150)));
        });
    assertBroken(barrier);
  }

  @Test
  @Proves(72)
  void itsOwnTimeLimitCounts() throws InterruptedException {
    ProcessBarrier barrier = new ProcessBarrier(PARTIES + 1, null, Duration.ofMillis(150));
    long start = System.nanoTime();
    together(() -> assertThrows(BrokenBarrierException.class, barrier::await));
    assertTrue(System.nanoTime() - start >= 150_000_000);
    assertBroken(barrier);
  }

  @Test
  @Proves(74)
  void aThousandRoundsStayInOrder() throws InterruptedException {
    ProcessBarrier barrier = new ProcessBarrier(3);
    ProcessQueue<Integer> rounds = new ProcessQueue<>();
    SerializableRunnable task =
        () -> {
          for (int round = 0; round < 1_000; round++) {
            rounds.put(round);
            barrier.await();
          }
        };
    ChildProcess[] children = {start(task), start(task)};
    task.run();
    Children.joinAll(children);
    for (int i = 0; i < 3_000; i++) {
      assertEquals(i / 3, rounds.take());
    }
  }

  @Test
  void travelsThroughAQueue() throws Exception {
    ProcessQueue<ProcessBarrier> queue = new ProcessQueue<>();
    ProcessSemaphore runs = new ProcessSemaphore(0);
    ProcessBarrier barrier = Multiprocessing.barrier(2, runs::release);
    queue.put(barrier);
    ChildProcess child = start(() -> queue.take().await());
    barrier.await();
    Children.joinAll(child);
    assertEquals(1, runs.availablePermits());
  }

  // --- deaths ---

  @Test
  void aPartyThatDiesWhileItWaitsBreaksIt() throws Exception {
    ProcessBarrier barrier = new ProcessBarrier(3);
    ChildProcess victim = start(barrier::await);
    Children.await(() -> barrier.numberWaiting() == 1);
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    Thread waiter = Thread.ofPlatform().start(() -> catching(barrier, thrown));
    Children.await(() -> barrier.numberWaiting() == 2);
    long pid = victim.pid().orElseThrow();
    Children.kill(victim);
    waiter.join();
    assertTrue(thrown.get() instanceof BrokenBarrierException, "" + thrown.get());
    if (method != StartMethod.IN_PROCESS) { // a thread that is killed can still say so itself
      assertTrue(String.valueOf(thrown.get()).contains("process " + pid + " died"), "" + thrown);
    }
    assertBroken(barrier);
    barrier.reset();
    ProcessBarrier again = barrier;
    ChildProcess[] children = {start(again::await), start(again::await)};
    barrier.await();
    Children.joinAll(children);
  }

  @Test
  void aPartyThatDiesOnItsWayBreaksItWhereItsParentSaysSo() throws Exception {
    ProcessBarrier barrier = new ProcessBarrier(3);
    ProcessSemaphore rounds = new ProcessSemaphore(0);
    ChildProcess waiter =
        start(
            () -> {
              barrier.await();
              assertThrows(BrokenBarrierException.class, barrier::await);
            });
    ChildProcess victim =
        start(
            () -> {
              barrier.await();
              rounds.release();
              Thread.sleep(Long.MAX_VALUE);
            });
    CompletableFuture<Void> told =
        victim
            .onExit()
            .thenAccept(
                code -> {
                  if (code != 0) {
                    barrier.abort();
                  }
                });
    barrier.await();
    rounds.acquire();
    Children.kill(victim);
    assertThrows(BrokenBarrierException.class, barrier::await);
    Children.joinAll(waiter);
    told.join();
    assertBroken(barrier);
  }

  @Test
  void aPartyThatDiesInTheActionBreaksIt() throws Exception {
    ProcessSemaphore acts = new ProcessSemaphore(0);
    ProcessBarrier barrier =
        Multiprocessing.barrier(
            2,
            () -> {
              acts.release();
              Thread.sleep(Long.MAX_VALUE);
            });
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    Thread waiter = Thread.ofVirtual().start(() -> catching(barrier, thrown));
    Children.await(() -> barrier.numberWaiting() == 1);
    ChildProcess victim = start(barrier::await);
    acts.acquire();
    AtomicReference<@Nullable Throwable> early = new AtomicReference<>();
    Thread next = Thread.ofPlatform().start(() -> catching(barrier, early));
    Children.kill(victim);
    waiter.join();
    next.join();
    assertTrue(thrown.get() instanceof BrokenBarrierException, "" + thrown.get());
    assertTrue(early.get() instanceof BrokenBarrierException, "" + early.get());
  }
}
