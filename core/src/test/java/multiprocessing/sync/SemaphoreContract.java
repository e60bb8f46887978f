package multiprocessing.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
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

/** What a semaphore does, however the processes that use it are started. */
@ProcessTest
@Deadline(seconds = 40)
abstract class SemaphoreContract {
  private final StartMethod method;

  SemaphoreContract(StartMethod method) {
    this.method = method;
  }

  private ChildProcess start(SerializableRunnable task) {
    return Children.start(method, task);
  }

  private static Thread.Builder threads(boolean isVirtual) {
    return isVirtual ? Thread.ofVirtual() : Thread.ofPlatform();
  }

  @Test
  @Proves(52)
  void countsItsPermits() throws InterruptedException {
    ProcessSemaphore semaphore = new ProcessSemaphore(2);
    assertEquals(2, semaphore.availablePermits());
    semaphore.acquire();
    assertEquals(1, semaphore.availablePermits());
    assertTrue(semaphore.tryAcquire());
    assertEquals(0, semaphore.availablePermits());
    assertFalse(semaphore.tryAcquire());
    semaphore.release();
    assertEquals(1, semaphore.availablePermits());
    semaphore.release();
    semaphore.release();
    assertEquals(3, semaphore.availablePermits(), "more than at first");
    semaphore.release(5);
    assertEquals(8, semaphore.availablePermits());
  }

  @Test
  @Proves(53)
  void aBoundedOneNeverHasMoreThanAtFirst() throws InterruptedException {
    ProcessSemaphore semaphore = new BoundedProcessSemaphore(2);
    assertThrows(IllegalStateException.class, semaphore::release);
    assertEquals(2, semaphore.availablePermits());
    semaphore.acquire();
    semaphore.acquire();
    assertFalse(semaphore.tryAcquire());
    IllegalStateException thrown =
        assertThrows(IllegalStateException.class, () -> semaphore.release(3));
    assertTrue(String.valueOf(thrown.getMessage()).contains("there can be, 2"), "" + thrown);
    assertEquals(0, semaphore.availablePermits(), "all or nothing");
    semaphore.release(2);
    assertEquals(2, semaphore.availablePermits());
    assertTrue(semaphore.toString().startsWith("BoundedProcessSemaphore@"), "" + semaphore);
    ProcessQueue<ProcessSemaphore> queue = new ProcessQueue<>();
    queue.put(semaphore);
    Children.run(
        method,
        () -> {
          ProcessSemaphore same = queue.take();
          assertThrows(IllegalStateException.class, same::release);
          same.acquire();
        });
    assertTrue(semaphore.tryAcquire(Duration.ofSeconds(5)));
    assertTrue(semaphore.tryAcquire(Duration.ofSeconds(5)), "the dead child's permit came back");
    semaphore.release(2);
    assertThrows(IllegalArgumentException.class, () -> new BoundedProcessSemaphore(-1));
  }

  @Test
  @SuppressWarnings("try") // closing it twice is what is tested
  void holdGivesBackAtTheEndOfTheBlock() throws InterruptedException {
    ProcessSemaphore semaphore = new ProcessSemaphore(1);
    try (Hold held = semaphore.hold()) {
      assertEquals(0, semaphore.availablePermits());
      held.close();
      assertEquals(1, semaphore.availablePermits());
    }
    assertEquals(1, semaphore.availablePermits());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void acquiresUninterruptibly(boolean isVirtual) throws InterruptedException {
    ProcessSemaphore semaphore = new ProcessSemaphore(0);
    AtomicReference<@Nullable Boolean> interrupted = new AtomicReference<>();
    Thread waiter =
        threads(isVirtual)
            .start(
                () -> {
                  semaphore.acquireUninterruptibly();
                  interrupted.set(Thread.interrupted());
                });
    Thread.sleep(30);
    waiter.interrupt();
    Thread.sleep(80);
    assertNull(interrupted.get(), "it must still wait");
    semaphore.release();
    waiter.join();
    assertEquals(true, interrupted.get());
  }

  @Test
  void drainsItsPermits() {
    ProcessSemaphore semaphore = new ProcessSemaphore(5);
    assertEquals(5, semaphore.drainPermits());
    assertEquals(0, semaphore.drainPermits());
    assertFalse(semaphore.tryAcquire());
    semaphore.release(5);
    assertEquals(5, semaphore.availablePermits());
  }

  @Test
  void refusesNonsense() {
    assertThrows(IllegalArgumentException.class, () -> new ProcessSemaphore(-1));
    ProcessSemaphore semaphore = new ProcessSemaphore(Integer.MAX_VALUE);
    assertThrows(IllegalArgumentException.class, () -> semaphore.release(0));
    assertThrows(IllegalArgumentException.class, () -> semaphore.release(-1));
    assertThrows(IllegalStateException.class, semaphore::release);
    assertEquals(Integer.MAX_VALUE, semaphore.availablePermits());
    assertTrue(semaphore.tryAcquire());
    semaphore.release();
  }

  @Test
  @Proves(54)
  void waitsForTheTimeGiven() throws InterruptedException {
    ProcessSemaphore semaphore = new ProcessSemaphore(0);
    assertFalse(semaphore.tryAcquire(Duration.ZERO));
    assertFalse(semaphore.tryAcquire(Duration.ofSeconds(-1)));
    assertFalse(semaphore.tryAcquire(Duration.ofSeconds(Long.MIN_VALUE)));
    long start = System.nanoTime();
    assertFalse(semaphore.tryAcquire(Duration.ofMillis(120)));
    assertTrue(System.nanoTime() - start >= 120_000_000);
  }

  @Test
  void anyDurationWillDo() throws InterruptedException {
    ProcessSemaphore semaphore = new ProcessSemaphore(1);
    assertTrue(semaphore.tryAcquire(Duration.ofSeconds(Long.MAX_VALUE)));
    Thread releaser =
        Thread.ofPlatform()
            .start(
                () -> {
                  semaphore.release();
                });
    assertTrue(semaphore.tryAcquire(Duration.ofDays(365L * 1_000)));
    releaser.join();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void heedsInterrupts(boolean isVirtual) throws InterruptedException {
    ProcessSemaphore semaphore = new ProcessSemaphore(0);
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    Thread waiter =
        threads(isVirtual)
            .start(
                () -> {
                  try {
                    semaphore.acquire();
                  } catch (Throwable e) {
                    thrown.set(e);
                  }
                });
    Thread.sleep(30);
    waiter.interrupt();
    waiter.join();
    assertTrue(thrown.get() instanceof InterruptedException, "" + thrown.get());
    semaphore.release();
    assertEquals(1, semaphore.availablePermits());
  }

  @Test
  void anInterruptedCallerGetsNothing() {
    ProcessSemaphore semaphore = new ProcessSemaphore(1);
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, semaphore::acquire);
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> semaphore.tryAcquire(Duration.ofSeconds(1)));
    assertFalse(Thread.interrupted());
    assertEquals(1, semaphore.availablePermits());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void nobodyIsForgotten(boolean isVirtual) throws InterruptedException {
    ProcessSemaphore semaphore = new ProcessSemaphore(3);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < (isVirtual ? 300 : 10); i++) {
      threads.add(
          threads(isVirtual)
              .start(
                  () -> {
                    try {
                      for (int round = 0; round < (isVirtual ? 20 : 300); round++) {
                        semaphore.acquire();
                        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        inside.decrementAndGet();
                        semaphore.release();
                      }
                    } catch (InterruptedException e) {
                      throw new AssertionError(e);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertTrue(most.get() <= 3, most + " at once");
    assertEquals(3, semaphore.availablePermits());
  }

  @Test
  void aReleaseOfManyWakesMany() throws InterruptedException {
    ProcessSemaphore semaphore = new ProcessSemaphore(0);
    List<Thread> waiters = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      waiters.add(
          threads(i % 2 == 0)
              .start(
                  () -> {
                    try {
                      semaphore.acquire();
                    } catch (InterruptedException e) {
                      throw new AssertionError(e);
                    }
                  }));
    }
    Thread.sleep(50);
    semaphore.release(20);
    for (Thread waiter : waiters) {
      waiter.join();
    }
    assertEquals(0, semaphore.availablePermits());
  }

  @Test
  void processesShareThePermits() throws InterruptedException {
    ProcessSemaphore semaphore = new ProcessSemaphore(2);
    ProcessSemaphore inside = new ProcessSemaphore(0);
    ProcessQueue<Integer> seen = new ProcessQueue<>();
    SerializableRunnable work =
        () -> {
          for (int i = 0; i < 500; i++) {
            semaphore.acquire();
            inside.release();
            seen.put(inside.availablePermits());
            inside.acquire();
            semaphore.release();
          }
        };
    Children.joinAll(start(work), start(work), start(work));
    assertEquals(1_500, seen.size());
    for (Integer each = seen.poll(); each != null; each = seen.poll()) {
      assertTrue(each >= 1 && each <= 2, each + " at once");
    }
    assertEquals(2, semaphore.availablePermits());
  }

  @Test
  void signalsBetweenProcesses() throws InterruptedException {
    ProcessSemaphore ping = new ProcessSemaphore(0);
    ProcessSemaphore pong = new ProcessSemaphore(0);
    ChildProcess child =
        start(
            () -> {
              for (int i = 0; i < 1_000; i++) {
                ping.acquire();
                pong.release();
              }
            });
    for (int i = 0; i < 1_000; i++) {
      ping.release();
      pong.acquire();
    }
    Children.joinAll(child);
    assertEquals(0, ping.availablePermits());
    assertEquals(0, pong.availablePermits());
  }

  private record Holder(ProcessSemaphore semaphore) implements Serializable {}

  @Test
  void travelsThroughAQueue() throws InterruptedException {
    ProcessQueue<Holder> queue = new ProcessQueue<>();
    ProcessSemaphore semaphore = new ProcessSemaphore(0);
    queue.put(new Holder(semaphore));
    Children.run(method, () -> queue.take().semaphore().release(3));
    assertEquals(3, semaphore.availablePermits());
  }

  // --- deaths ---

  /** Lets a child take permits, and die. */
  private void takeAndDie(ProcessSemaphore semaphore, int permits, boolean isKilled)
      throws InterruptedException {
    ProcessQueue<String> said = new ProcessQueue<>();
    ChildProcess child =
        start(
            () -> {
              for (int i = 0; i < permits; i++) {
                semaphore.acquire();
              }
              said.put("taken");
              if (isKilled) {
                Thread.sleep(Long.MAX_VALUE);
              }
            });
    said.take();
    if (isKilled) {
      Children.kill(child);
    } else {
      Children.joinAll(child);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void thePermitsOfTheDeadComeBack(boolean isKilled) throws InterruptedException {
    ProcessSemaphore semaphore = new ProcessSemaphore(3);
    takeAndDie(semaphore, 3, isKilled);
    for (int i = 0; i < 3; i++) {
      semaphore.acquire();
    }
    assertFalse(semaphore.tryAcquire(Duration.ofMillis(1)));
    semaphore.release(3);
    assertEquals(3, semaphore.availablePermits());
  }

  @Test
  void thePermitsOfTheDeadComeBackToWhoDoesNotWait() throws InterruptedException {
    ProcessSemaphore semaphore = new ProcessSemaphore(1);
    takeAndDie(semaphore, 1, true);
    assertTrue(semaphore.tryAcquire(Duration.ZERO));
    semaphore.release();
  }

  @Test
  void whoWaitsAlreadyGetsThePermitsOfTheDead() throws InterruptedException {
    ProcessSemaphore semaphore = new ProcessSemaphore(2);
    ProcessQueue<String> said = new ProcessQueue<>();
    ChildProcess holder =
        start(
            () -> {
              semaphore.acquire();
              semaphore.acquire();
              said.put("taken");
              Thread.sleep(Long.MAX_VALUE);
            });
    said.take();
    List<Thread> waiters = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      waiters.add(
          threads(i % 2 == 0)
              .start(
                  () -> {
                    try {
                      semaphore.acquire();
                      semaphore.release();
                    } catch (InterruptedException e) {
                      throw new AssertionError(e);
                    }
                  }));
    }
    Thread.sleep(50);
    Children.kill(holder);
    for (Thread waiter : waiters) {
      waiter.join();
    }
    assertEquals(2, semaphore.availablePermits());
  }

  @Test
  void aSemaphoreThatSignalsGivesNothingBack() throws InterruptedException {
    ProcessSemaphore semaphore = new ProcessSemaphore(0);
    semaphore.release(3);
    takeAndDie(semaphore, 2, true);
    assertTrue(semaphore.tryAcquire(Duration.ofMillis(300)));
    assertFalse(semaphore.tryAcquire(Duration.ofMillis(300)));
  }

  @Test
  void aWaiterThatIsKilledHarmsNobody() throws InterruptedException {
    ProcessSemaphore semaphore = new ProcessSemaphore(1);
    semaphore.acquire();
    ProcessQueue<String> said = new ProcessQueue<>();
    List<ChildProcess> waiters = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      waiters.add(
          start(
              () -> {
                said.put("waits");
                semaphore.acquire();
                said.put("has it");
                semaphore.release();
              }));
    }
    for (ChildProcess _ : waiters) {
      assertEquals("waits", said.take());
    }
    Thread.sleep(100);
    Children.kill(waiters.get(0));
    Children.kill(waiters.get(1));
    semaphore.release();
    assertEquals("has it", said.take());
    Children.joinAll(waiters.get(2));
    assertEquals(1, semaphore.availablePermits());
  }
}
