package multiprocessing.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import multiprocessing.error.OwnerDiedException;
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

/** What a condition does, however the processes that use it are started. */
@ProcessTest
@Deadline(seconds = 40)
@SuppressWarnings({
  "WaitNotInLoop",
  "JavaUtilDate",
  "LockNotBeforeTry"
}) // single waits are what is tested
abstract class ConditionContract {
  private final StartMethod method;

  ConditionContract(StartMethod method) {
    this.method = method;
  }

  private ChildProcess start(SerializableRunnable task) {
    return Children.start(method, task);
  }

  private static Thread.Builder threads(boolean isVirtual) {
    return isVirtual ? Thread.ofVirtual() : Thread.ofPlatform();
  }

  /** A thread that waits until it is signalled, and then counts. */
  private static Thread waiter(boolean isVirtual, ProcessCondition condition, Runnable count) {
    return threads(isVirtual)
        .start(
            () -> {
              try (Hold _ = condition.hold()) {
                condition.await();
                count.run();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
  }

  private static void awaitWaiting(ProcessCondition condition, int count)
      throws InterruptedException {
    Children.await(() -> condition.numberWaiting() == count);
  }

  private static int signal(ProcessCondition condition, int count) {
    try (Hold _ = condition.hold()) {
      return condition.signal(count);
    }
  }

  // --- one process ---

  @Test
  void goesWithItsLock() {
    ProcessCondition own = new ProcessCondition();
    assertTrue(own.associatedLock() instanceof ProcessReentrantLock);
    assertTrue(own.tryLock());
    own.lock();
    own.unlock();
    own.unlock();
    assertThrows(IllegalMonitorStateException.class, own::unlock);
    ProcessLock lock = new ProcessLock();
    ProcessCondition condition = new ProcessCondition(lock);
    assertSame(lock, condition.associatedLock());
    try (Hold _ = condition.hold()) {
      assertTrue(lock.isLocked());
      assertFalse(condition.tryLock());
    }
    assertFalse(lock.isLocked());
    assertTrue(condition.toString().contains("waiting = 0"), "" + condition);
    assertTrue(condition.toString().contains(lock.toString()), "" + condition);
  }

  @Test
  void nothingGoesWithoutTheLock() {
    for (ProcessCondition condition :
        List.of(new ProcessCondition(), new ProcessCondition(new ProcessLock()))) {
      Class<IllegalMonitorStateException> refused = IllegalMonitorStateException.class;
      assertThrows(refused, condition::await);
      assertThrows(refused, () -> condition.await(Duration.ZERO));
      assertThrows(refused, () -> condition.await(1, TimeUnit.SECONDS));
      assertThrows(refused, () -> condition.awaitNanos(1));
      assertThrows(refused, () -> condition.awaitUntil(new Date()));
      assertThrows(refused, () -> condition.awaitUntil(() -> true));
      assertThrows(refused, () -> condition.awaitUntil(() -> true, Duration.ZERO));
      assertThrows(refused, condition::awaitUninterruptibly);
      assertThrows(refused, condition::signal);
      assertThrows(refused, () -> condition.signal(2));
      assertThrows(refused, condition::signalAll);
      assertEquals(0, condition.numberWaiting());
    }
  }

  @Test
  void aNegativeCountIsRefused() {
    ProcessCondition condition = new ProcessCondition();
    try (Hold _ = condition.hold()) {
      assertThrows(IllegalArgumentException.class, () -> condition.signal(-1));
      assertEquals(0, condition.signal(0));
    }
  }

  @Test
  @Proves({58, 61})
  void timesOut() throws InterruptedException {
    for (ProcessCondition condition :
        List.of(new ProcessCondition(), new ProcessCondition(new ProcessLock()))) {
      try (Hold _ = condition.hold()) {
        assertFalse(condition.await(Duration.ZERO));
        assertFalse(condition.await(Duration.ofSeconds(Long.MIN_VALUE)));
        assertFalse(condition.await(-1, TimeUnit.SECONDS));
        assertTrue(condition.awaitNanos(0) <= 0);
        assertTrue(condition.awaitNanos(-5) <= 0);
        assertTrue(condition.awaitNanos(100) <= 0);
        assertFalse(condition.awaitUntil(Date.from(Instant.now().minusSeconds(10))));
        long start = System.nanoTime();
        assertFalse(condition.await(Duration.ofMillis(70)));
        assertFalse(condition.await(70, TimeUnit.MILLISECONDS));
        assertTrue(System.nanoTime() - start >= 140_000_000);
        assertFalse(condition.awaitUntil(Date.from(Instant.now().plusMillis(5))));
      }
      assertEquals(0, condition.numberWaiting());
    }
  }

  @Test
  void tellsTheTimeThatIsLeft() throws InterruptedException {
    ProcessCondition condition = new ProcessCondition();
    AtomicInteger count = new AtomicInteger();
    Thread waiter =
        Thread.ofPlatform()
            .start(
                () -> {
                  try (Hold _ = condition.hold()) {
                    long left = condition.awaitNanos(TimeUnit.DAYS.toNanos(1));
                    assertTrue(left > 0 && left <= TimeUnit.DAYS.toNanos(1), "left: " + left);
                    assertTrue(condition.awaitNanos(Long.MAX_VALUE) > 0);
                    count.incrementAndGet();
                  } catch (InterruptedException e) {
                    throw new AssertionError(e);
                  }
                });
    for (int i = 0; i < 2; i++) {
      awaitWaiting(condition, 1);
      assertEquals(1, signal(condition, 1));
      Children.await(() -> condition.numberWaiting() == 1 || count.get() == 1);
    }
    waiter.join();
    assertEquals(1, count.get());
  }

  @Test
  void givesUpAllHoldsAndHasThemAgain() throws InterruptedException {
    ProcessReentrantLock lock = new ProcessReentrantLock();
    ProcessCondition condition = lock.newCondition();
    AtomicReference<@Nullable Integer> holds = new AtomicReference<>();
    Thread waiter =
        Thread.ofPlatform()
            .start(
                () -> {
                  lock.lock();
                  lock.lock();
                  lock.lock();
                  condition.awaitUninterruptibly();
                  holds.set(lock.holdCount());
                  lock.unlock();
                  lock.unlock();
                  lock.unlock();
                });
    awaitWaiting(condition, 1);
    assertFalse(lock.isLocked());
    assertEquals(1, signal(condition, 1));
    waiter.join();
    assertEquals(3, holds.get());
  }

  @Test
  void aSignalIsForThoseWhoWait() throws InterruptedException {
    ProcessCondition condition = new ProcessCondition();
    ConcurrentLinkedQueue<Integer> order = new ConcurrentLinkedQueue<>();
    assertEquals(0, signal(condition, 5), "nobody waits");
    List<Thread> waiters = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      int number = i;
      waiters.add(waiter(i % 2 == 0, condition, () -> order.add(number)));
      awaitWaiting(condition, i + 1);
    }
    for (int i = 0; i < 20; i++) {
      assertEquals(1, signal(condition, 1));
      int count = i + 1;
      Children.await(() -> order.size() == count);
    }
    assertEquals(0, signal(condition, 1), "nobody waits any more");
    int next = 0;
    for (int number : order) {
      assertEquals(next++, number, "who has waited longest");
    }
    for (Thread waiter : waiters) {
      waiter.join();
    }
  }

  @Test
  void thousandVirtualThreadsWaitAndAreServed() throws InterruptedException {
    ProcessCondition condition = new ProcessCondition(new ProcessLock());
    AtomicInteger count = new AtomicInteger();
    List<Thread> waiters = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      waiters.add(waiter(true, condition, count::incrementAndGet));
    }
    awaitWaiting(condition, 1_000);
    Thread other = Thread.ofVirtual().start(count::incrementAndGet);
    other.join(); // it could run
    assertEquals(1, count.get());
    assertEquals(10, signal(condition, 10));
    Children.await(() -> count.get() == 11);
    assertEquals(990, condition.numberWaiting());
    assertEquals(990, signal(condition, Integer.MAX_VALUE));
    for (Thread waiter : waiters) {
      waiter.join();
    }
    assertEquals(1_001, count.get());
    assertEquals(0, condition.numberWaiting());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Proves(61)
  void heedsInterrupts(boolean isVirtual) throws InterruptedException {
    ProcessCondition condition = new ProcessCondition();
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    Thread waiter =
        threads(isVirtual)
            .start(
                () -> {
                  try (Hold _ = condition.hold()) {
                    condition.await();
                  } catch (Throwable e) {
                    thrown.set(e);
                  }
                });
    awaitWaiting(condition, 1);
    waiter.interrupt();
    waiter.join();
    assertTrue(thrown.get() instanceof InterruptedException, "" + thrown.get());
    assertEquals(0, condition.numberWaiting());
    assertEquals(0, signal(condition, 1));
    try (Hold _ = condition.hold()) {
      Thread.currentThread().interrupt();
      assertThrows(InterruptedException.class, condition::await);
      Thread.currentThread().interrupt();
      assertThrows(InterruptedException.class, () -> condition.await(Duration.ofDays(1)));
      Thread.currentThread().interrupt();
      assertThrows(InterruptedException.class, () -> condition.awaitUntil(() -> false));
      assertFalse(Thread.interrupted());
    }
  }

  @Test
  void aSignalThatCameFirstIsNotLostToAnInterrupt() throws InterruptedException {
    ProcessCondition condition = new ProcessCondition();
    AtomicReference<@Nullable Boolean> interrupted = new AtomicReference<>();
    Thread waiter = waiter(false, condition, () -> interrupted.set(Thread.interrupted()));
    awaitWaiting(condition, 1);
    try (Hold _ = condition.hold()) {
      condition.signal();
      waiter.interrupt(); // it cannot have the lock yet
    }
    waiter.join();
    assertEquals(true, interrupted.get());
  }

  @Test
  void awaitUninterruptiblyKeepsAnInterruptForLater() throws InterruptedException {
    ProcessCondition condition = new ProcessCondition();
    AtomicReference<@Nullable Boolean> interrupted = new AtomicReference<>();
    Thread waiter =
        Thread.ofPlatform()
            .start(
                () -> {
                  try (Hold _ = condition.hold()) {
                    condition.awaitUninterruptibly();
                    interrupted.set(Thread.interrupted());
                  }
                });
    awaitWaiting(condition, 1);
    waiter.interrupt();
    Thread.sleep(80);
    assertNull(interrupted.get(), "it must still wait");
    assertEquals(1, signal(condition, 1));
    waiter.join();
    assertEquals(true, interrupted.get());
  }

  // --- several processes ---

  private ChildProcess waitingChild(ProcessCondition condition, ProcessSemaphore woken) {
    return start(
        () -> {
          try (Hold _ = condition.hold()) {
            condition.await();
            woken.release();
          }
        });
  }

  @Test
  @Proves({55, 57})
  void signalsWakeSoMany() throws InterruptedException {
    ProcessCondition condition = new ProcessCondition();
    ProcessSemaphore woken = new ProcessSemaphore(0);
    ChildProcess[] children = new ChildProcess[3];
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < children.length; i++) {
      children[i] = waitingChild(condition, woken);
      threads.add(waiter(i == 0, condition, woken::release));
    }
    awaitWaiting(condition, 6);
    assertEquals(0, woken.availablePermits());
    int[] signals = {1, 1, 2, 4};
    int[] wokenAfter = {1, 2, 4, 6};
    for (int i = 0; i < signals.length; i++) {
      assertEquals(Math.min(signals[i], i == 3 ? 2 : 4), signal(condition, signals[i]));
      int expected = wokenAfter[i];
      Children.await(() -> woken.availablePermits() == expected);
      assertEquals(6 - expected, condition.numberWaiting());
    }
    assertEquals(0, signal(condition, 3));
    for (Thread thread : threads) {
      thread.join();
    }
    Children.joinAll(children);
    assertEquals(6, woken.availablePermits());
  }

  @Test
  @Proves(56)
  void signalAllWakesAllWhoStillWait() throws InterruptedException {
    ProcessCondition condition = new ProcessCondition();
    ProcessSemaphore timedOut = new ProcessSemaphore(0);
    ProcessSemaphore woken = new ProcessSemaphore(0);
    SerializableRunnable twice =
        () -> {
          try (Hold _ = condition.hold()) {
            assertFalse(condition.await(Duration.ofMillis(20)));
            timedOut.release();
            condition.await();
            woken.release();
          }
        };
    ChildProcess[] children = {start(twice), start(twice)};
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      threads.add(threads(i == 0).start(twice));
    }
    for (int i = 0; i < 4; i++) {
      timedOut.acquire();
    }
    awaitWaiting(condition, 4);
    try (Hold _ = condition.hold()) {
      condition.signalAll();
    }
    for (int i = 0; i < 4; i++) {
      woken.acquire();
    }
    assertEquals(0, condition.numberWaiting());
    for (Thread thread : threads) {
      thread.join();
    }
    Children.joinAll(children);
  }

  private record State(ProcessCondition condition, ProcessQueue<Integer> value)
      implements Serializable {
    int read() {
      return java.util.Objects.requireNonNull(value.peek());
    }

    void write(int next) throws InterruptedException {
      value.take();
      value.put(next);
    }
  }

  @Test
  @Proves(59)
  void awaitsWhatAnotherProcessMakesSo() throws InterruptedException {
    State state = new State(new ProcessCondition(), new ProcessQueue<>());
    state.value().put(0);
    ChildProcess child =
        start(
            () -> {
              for (int i = 1; i <= 4; i++) {
                try (Hold _ = state.condition().hold()) {
                  state.write(i);
                  state.condition().signal();
                }
              }
              try (Hold _ = state.condition().hold()) {
                assertTrue(
                    state.condition().awaitUntil(() -> state.read() == 5, Duration.ofDays(1)));
              }
            });
    try (Hold _ = state.condition().hold()) {
      state.condition().awaitUntil(() -> state.read() == 4);
      state.write(5);
      state.condition().signalAll();
    }
    Children.joinAll(child);
  }

  @Test
  @Proves(60)
  void givesUpOnWhatNeverComesSo() throws InterruptedException {
    ProcessCondition condition = new ProcessCondition();
    try (Hold _ = condition.hold()) {
      long start = System.nanoTime();
      assertFalse(condition.awaitUntil(() -> false, Duration.ofMillis(120)));
      assertTrue(System.nanoTime() - start >= 120_000_000);
      assertTrue(condition.awaitUntil(() -> true, Duration.ZERO));
      assertFalse(condition.awaitUntil(() -> false, Duration.ofSeconds(-1)));
      condition.awaitUntil(() -> true);
    }
  }

  private record Both(ProcessCondition condition, ProcessReentrantLock lock)
      implements Serializable {}

  @Test
  void travelsTogetherWithItsLock() throws InterruptedException {
    ProcessReentrantLock lock = new ProcessReentrantLock();
    ProcessQueue<Both> queue = new ProcessQueue<>();
    Both both = new Both(lock.newCondition(), lock);
    queue.put(both);
    ChildProcess child =
        start(
            () -> {
              Both its = queue.take();
              its.lock().lock();
              its.condition().await();
              its.lock().unlock();
            });
    awaitWaiting(both.condition(), 1);
    lock.lock();
    both.condition().signalAll();
    lock.unlock();
    Children.joinAll(child);
  }

  @Test
  void processesTakeTurns() throws InterruptedException {
    State state = new State(new ProcessCondition(new ProcessLock()), new ProcessQueue<>());
    state.value().put(0);
    ChildProcess child = start(() -> takeTurns(state, 1));
    takeTurns(state, 0);
    Children.joinAll(child);
    assertEquals(1_000, state.value().take());
  }

  private static void takeTurns(State state, int parity) throws InterruptedException {
    for (int i = parity; i < 1_000; i += 2) {
      int turn = i;
      try (Hold _ = state.condition().hold()) {
        state.condition().awaitUntil(() -> state.read() == turn);
        state.write(turn + 1);
        state.condition().signalAll();
      }
    }
  }

  // --- deaths ---

  @Test
  void whoIsKilledWhileItWaitsTakesNoSignal() throws InterruptedException {
    ProcessCondition condition = new ProcessCondition();
    ProcessSemaphore woken = new ProcessSemaphore(0);
    ChildProcess victim = waitingChild(condition, woken);
    awaitWaiting(condition, 1);
    Thread thread = waiter(false, condition, woken::release);
    awaitWaiting(condition, 2);
    Children.kill(victim);
    assertEquals(1, signal(condition, 1));
    thread.join();
    assertEquals(1, woken.availablePermits());
    Thread next = waiter(true, condition, woken::release);
    Children.await(() -> condition.numberWaiting() == 1);
    assertEquals(1, signal(condition, 1));
    next.join();
  }

  @Test
  void whoIsKilledBeforeItCouldActOnASignalPassesItOn() throws InterruptedException {
    ProcessCondition condition = new ProcessCondition();
    ProcessSemaphore woken = new ProcessSemaphore(0);
    ChildProcess victim = waitingChild(condition, woken);
    awaitWaiting(condition, 1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      threads.add(waiter(i == 0, condition, woken::release));
      awaitWaiting(condition, i + 2);
    }
    condition.lock();
    assertEquals(1, condition.signal(1)); // for the child, which cannot have the lock
    Children.kill(victim);
    condition.unlock();
    woken.acquire();
    assertEquals(1, condition.numberWaiting());
    assertEquals(1, signal(condition, 1));
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(1, woken.availablePermits());
  }

  @Test
  void thoseWhoComeBackAreToldOfADeath() throws InterruptedException {
    ProcessCondition condition = new ProcessCondition();
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    ProcessReentrantLock lock = (ProcessReentrantLock) condition.associatedLock();
    Thread waiter =
        Thread.ofPlatform()
            .start(
                () -> {
                  lock.lock();
                  try {
                    condition.await();
                  } catch (Throwable e) {
                    thrown.set(e);
                    assertTrue(lock.isHeldByCurrentThread());
                    lock.recover();
                  }
                  lock.unlock();
                });
    awaitWaiting(condition, 1);
    ProcessSemaphore locked = new ProcessSemaphore(0);
    ChildProcess child =
        start(
            () -> {
              condition.lock();
              condition.signal();
              locked.release();
              Thread.sleep(Long.MAX_VALUE);
            });
    locked.acquire();
    Children.kill(child);
    waiter.join();
    assertTrue(thrown.get() instanceof OwnerDiedException, "" + thrown.get());
    condition.lock();
    condition.unlock();
  }
}
