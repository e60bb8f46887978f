package multiprocessing.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import multiprocessing.error.OwnerDiedException;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.ProcessInfo;
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

/** What a lock does, however the processes that use it are started. */
@ProcessTest
@Deadline(seconds = 40)
@SuppressWarnings({
  "LockNotBeforeTry",
  "WaitNotInLoop"
}) // locks are what is tested: they are locked in every order
abstract class LockContract {
  private final StartMethod method;

  LockContract(StartMethod method) {
    this.method = method;
  }

  private ChildProcess start(SerializableRunnable task) {
    return Children.start(method, task);
  }

  // --- one process ---

  @Test
  @Proves(45)
  void locksAndUnlocks() {
    ProcessLock lock = new ProcessLock();
    assertFalse(lock.isLocked());
    assertTrue(lock.tryLock());
    assertTrue(lock.isLocked());
    assertTrue(lock.isHeldByThisProcess());
    assertFalse(lock.tryLock(), "it is not reentrant");
    lock.unlock();
    assertFalse(lock.isLocked());
    assertFalse(lock.isHeldByThisProcess());
    lock.lock();
    lock.unlock();
  }

  @Test
  @Proves(45)
  void unlockingWhatIsNotLockedFails() {
    ProcessLock lock = new ProcessLock();
    IllegalMonitorStateException thrown =
        assertThrows(IllegalMonitorStateException.class, lock::unlock);
    assertTrue(String.valueOf(thrown.getMessage()).contains("not locked"), thrown.getMessage());
    lock.lock();
    lock.unlock();
    assertThrows(IllegalMonitorStateException.class, lock::unlock);
    assertThrows(IllegalMonitorStateException.class, lock::recover);
  }

  @Test
  @Proves(44)
  void tellsItsHolder() {
    ProcessLock lock = new ProcessLock();
    assertTrue(lock.toString().contains("unlocked"), lock.toString());
    lock.lock();
    assertTrue(lock.toString().contains("" + ProcessHandle.current().pid()), lock.toString());
    lock.unlock();
  }

  @Test
  void anyThreadOfTheHolderMayUnlock() throws InterruptedException {
    ProcessLock lock = new ProcessLock();
    lock.lock();
    Thread other = Thread.ofPlatform().start(lock::unlock);
    other.join();
    assertFalse(lock.isLocked());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void aTimeOfZeroOrLessDoesNotWait(long time) throws InterruptedException {
    ProcessLock lock = new ProcessLock();
    assertTrue(lock.tryLock(time, TimeUnit.SECONDS));
    assertFalse(lock.tryLock(time, TimeUnit.SECONDS));
    lock.unlock();
  }

  @Test
  void waitsForTheTimeGiven() throws InterruptedException {
    ProcessLock lock = new ProcessLock();
    lock.lock();
    long start = System.nanoTime();
    assertFalse(lock.tryLock(120, TimeUnit.MILLISECONDS));
    assertTrue(System.nanoTime() - start >= 120_000_000);
    lock.unlock();
    assertTrue(lock.tryLock(Long.MAX_VALUE, TimeUnit.DAYS));
    lock.unlock();
  }

  @Test
  void makesConditions() throws InterruptedException {
    ProcessLock lock = new ProcessLock();
    ProcessCondition condition = lock.newCondition();
    assertSame(lock, condition.associatedLock());
    lock.lock();
    assertFalse(condition.await(1, TimeUnit.MILLISECONDS));
    lock.unlock();
  }

  @Test
  @Proves(50)
  void holdUnlocksAtTheEndOfTheBlock() {
    ProcessLock lock = new ProcessLock();
    Hold twice;
    try (Hold held = lock.hold()) {
      twice = held;
      assertTrue(lock.isLocked());
    }
    assertFalse(lock.isLocked());
    lock.lock();
    twice.close();
    assertTrue(lock.isLocked(), "closing again does nothing");
    lock.unlock();
  }

  private static Thread.Builder threads(boolean isVirtual) {
    return isVirtual ? Thread.ofVirtual() : Thread.ofPlatform();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void heedsInterrupts(boolean isVirtual) throws InterruptedException {
    ProcessLock lock = new ProcessLock();
    lock.lock();
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    CountDownLatch started = new CountDownLatch(1);
    Thread waiter =
        threads(isVirtual)
            .start(
                () -> {
                  started.countDown();
                  try {
                    lock.lockInterruptibly();
                  } catch (Throwable e) {
                    thrown.set(e);
                  }
                });
    started.await();
    Thread.sleep(30);
    waiter.interrupt();
    waiter.join();
    assertTrue(thrown.get() instanceof InterruptedException, "" + thrown.get());
    assertTrue(lock.isHeldByThisProcess());
    lock.unlock();
    assertFalse(lock.isLocked());
  }

  @Test
  void anInterruptedCallerGetsNoLock() {
    ProcessLock lock = new ProcessLock();
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, lock::lockInterruptibly);
    assertFalse(Thread.interrupted());
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> lock.tryLock(1, TimeUnit.SECONDS));
    assertFalse(Thread.interrupted());
    assertFalse(lock.isLocked());
    Thread.currentThread().interrupt();
    lock.lock(); // does not care
    assertTrue(Thread.interrupted());
    lock.unlock();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void lockKeepsAnInterruptForLater(boolean isVirtual) throws InterruptedException {
    ProcessLock lock = new ProcessLock();
    lock.lock();
    AtomicReference<@Nullable Boolean> interrupted = new AtomicReference<>();
    Thread waiter =
        threads(isVirtual)
            .start(
                () -> {
                  lock.lock();
                  interrupted.set(Thread.interrupted());
                  lock.unlock();
                });
    Thread.sleep(30);
    waiter.interrupt();
    Thread.sleep(80);
    assertNull(interrupted.get(), "it must still wait");
    lock.unlock();
    waiter.join();
    assertEquals(true, interrupted.get());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void threadsExcludeEachOther(boolean isVirtual) throws InterruptedException {
    ProcessLock lock = new ProcessLock();
    long[] counter = new long[1];
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < (isVirtual ? 200 : 8); i++) {
      int rounds = isVirtual ? 50 : 2_000;
      threads.add(
          threads(isVirtual)
              .start(
                  () -> {
                    for (int round = 0; round < rounds; round++) {
                      lock.lock();
                      counter[0]++;
                      lock.unlock();
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(isVirtual ? 10_000 : 16_000, counter[0]);
  }

  @Test
  void aLockOutlivesItsObjectWhileItIsHeld() throws InterruptedException {
    ProcessQueue<ProcessLock> queue = new ProcessQueue<>();
    Children.run(method, () -> queue.put(new ProcessLock()));
    List<ProcessLock> others = new ArrayList<>();
    try (Hold _ = queue.take().hold()) {
      for (int i = 0; i < 5; i++) {
        System.gc();
        Thread.sleep(20);
        for (int j = 0; j < 20; j++) {
          others.add(new ProcessLock()); // one takes the place of the first, if that was given up
        }
      }
    }
    assertFalse(others.getLast().isLocked());
  }

  // --- several processes ---

  /** Two numbers that are equal whenever nobody is at them: a queue of one is a shared cell. */
  private record Counter(ProcessLock lock, ProcessQueue<Integer> cell) implements Serializable {
    void increment() throws InterruptedException {
      lock.lock();
      try {
        Integer value = cell.poll();
        if (value == null) {
          throw new AssertionError("somebody else is in here");
        }
        cell.put(value + 1);
      } finally {
        lock.unlock();
      }
    }
  }

  @Test
  void processesExcludeEachOther() throws InterruptedException {
    Counter counter = new Counter(new ProcessLock(), new ProcessQueue<>());
    counter.cell().put(0);
    SerializableRunnable work =
        () -> {
          for (int i = 0; i < 3_000; i++) {
            counter.increment();
          }
        };
    ChildProcess[] children = {start(work), start(work), start(work)};
    work.run();
    Children.joinAll(children);
    assertEquals(12_000, counter.cell().take());
  }

  @Test
  @Proves({44, 46})
  void aLockHeldElsewhereIsLockedHere() throws InterruptedException {
    ProcessLock lock = new ProcessLock();
    ProcessQueue<String> said = new ProcessQueue<>();
    ProcessSemaphore goOn = new ProcessSemaphore(0);
    ChildProcess child =
        start(
            () -> {
              lock.lock();
              said.put("locked");
              goOn.acquire();
              lock.unlock();
            });
    said.take();
    assertTrue(lock.isLocked());
    assertFalse(lock.isHeldByThisProcess());
    assertFalse(lock.tryLock());
    assertFalse(lock.tryLock(20, TimeUnit.MILLISECONDS));
    assertTrue(lock.toString().contains("" + child.pid().orElseThrow()), lock.toString());
    IllegalMonitorStateException thrown =
        assertThrows(IllegalMonitorStateException.class, lock::unlock);
    assertTrue(
        String.valueOf(thrown.getMessage()).contains("" + child.pid().orElseThrow()),
        thrown.getMessage());
    goOn.release();
    lock.lock();
    lock.unlock();
    Children.joinAll(child);
  }

  private record Holder(String name, ProcessLock lock) implements Serializable {}

  private static final class WithField implements Serializable {
    private final ProcessLock lock;

    WithField(ProcessLock lock) {
      this.lock = lock;
    }
  }

  @Test
  void travelsInFieldsRecordsAndCollections() throws InterruptedException {
    ProcessLock lock = new ProcessLock();
    List<ProcessLock> list = List.of(lock);
    Map<String, ProcessLock> map = Map.of("a", lock);
    ProcessLock[] array = {lock};
    Holder holder = new Holder("b", lock);
    WithField object = new WithField(lock);
    lock.lock();
    Children.run(
        method,
        () -> {
          for (ProcessLock each :
              List.of(list.get(0), map.get("a"), array[0], holder.lock(), object.lock)) {
            if (!each.isLocked() || each.isHeldByThisProcess() || each.tryLock()) {
              throw new AssertionError("not the parent's lock: " + each);
            }
          }
        });
    lock.unlock();
  }

  @Test
  void travelsThroughAQueueToSeveral() throws InterruptedException {
    ProcessQueue<Counter> queue = new ProcessQueue<>();
    Counter counter = new Counter(new ProcessLock(), new ProcessQueue<>());
    counter.cell().put(0);
    SerializableRunnable work =
        () -> {
          Counter its = queue.take();
          for (int i = 0; i < 1_000; i++) {
            its.increment();
          }
        };
    ChildProcess[] children = {start(work), start(work)};
    queue.put(counter);
    queue.put(counter);
    Children.joinAll(children);
    assertEquals(2_000, counter.cell().take());
  }

  @Test
  void aLockMadeByAChildOutlivesTheChild() throws InterruptedException {
    ProcessQueue<ProcessLock> queue = new ProcessQueue<>();
    Children.run(method, () -> queue.put(new ProcessLock()));
    ProcessLock lock = queue.take();
    lock.lock();
    Children.run(
        method,
        () -> {
          if (lock.tryLock()) {
            throw new AssertionError();
          }
        });
    lock.unlock();
  }

  @Test
  void aCopyIsTheSameLock() throws InterruptedException {
    ProcessQueue<ProcessLock> queue = new ProcessQueue<>();
    ProcessLock lock = new ProcessLock();
    queue.put(lock);
    ProcessLock copy = queue.take();
    lock.lock();
    assertTrue(copy.isHeldByThisProcess());
    copy.unlock();
    assertFalse(lock.isLocked());
  }

  // --- deaths ---

  /** A child that has the lock, and is dead. */
  private long deadHolder(ProcessLock lock, boolean isKilled) throws InterruptedException {
    ProcessQueue<Long> pids = new ProcessQueue<>();
    ChildProcess child =
        start(
            () -> {
              lock.lock();
              pids.put(ProcessInfo.current().pid().orElseThrow());
              if (isKilled) {
                Thread.sleep(Long.MAX_VALUE);
              }
            });
    long pid = pids.take();
    if (isKilled) {
      Children.kill(child);
    } else {
      Children.joinAll(child);
    }
    return pid;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theNextHolderIsToldOfADeath(boolean isKilled) throws InterruptedException {
    ProcessLock lock = new ProcessLock();
    long pid = deadHolder(lock, isKilled);
    OwnerDiedException thrown = assertThrows(OwnerDiedException.class, lock::lock);
    assertTrue(lock.isHeldByThisProcess());
    assertEquals(pid, thrown.pid(), "the pid of the dead holder");
    lock.recover();
    lock.unlock();
    lock.lock();
    lock.unlock();
  }

  @Test
  void eachHolderIsToldUntilOneRecovers() throws InterruptedException {
    ProcessLock lock = new ProcessLock();
    deadHolder(lock, true);
    for (int i = 0; i < 3; i++) {
      assertThrows(OwnerDiedException.class, lock::lock);
      lock.unlock();
      assertThrows(OwnerDiedException.class, lock::tryLock);
      lock.unlock();
      assertThrows(OwnerDiedException.class, lock::lockInterruptibly);
      lock.unlock();
      assertThrows(OwnerDiedException.class, () -> lock.tryLock(1, TimeUnit.SECONDS));
      lock.unlock();
      assertThrows(OwnerDiedException.class, lock::hold);
      assertFalse(lock.isLocked(), "hold() does not hold then");
    }
    Children.run(
        method,
        () -> {
          assertThrows(OwnerDiedException.class, lock::lock);
          lock.recover();
          lock.unlock();
          lock.lock();
          lock.unlock();
        });
    assertTrue(lock.tryLock());
    lock.unlock();
  }

  @Test
  void tryLockNoticesADeathToo() throws InterruptedException {
    ProcessLock lock = new ProcessLock();
    deadHolder(lock, true);
    assertThrows(
        OwnerDiedException.class,
        () -> {
          while (!lock.tryLock()) {
            Thread.sleep(1);
          }
        });
    assertTrue(lock.isHeldByThisProcess());
    lock.recover();
    lock.unlock();
  }

  @Test
  void tryLockWithoutTimeNoticesADeathToo() throws InterruptedException {
    ProcessLock lock = new ProcessLock();
    deadHolder(lock, true);
    assertThrows(OwnerDiedException.class, () -> lock.tryLock(0, TimeUnit.SECONDS));
    lock.recover();
    lock.unlock();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void allWhoWaitGoOnAfterADeath(boolean isVirtual) throws InterruptedException {
    ProcessLock lock = new ProcessLock();
    ProcessQueue<String> said = new ProcessQueue<>();
    ChildProcess holder =
        start(
            () -> {
              lock.lock();
              said.put("locked");
              Thread.sleep(Long.MAX_VALUE);
            });
    said.take();
    ChildProcess waitingChild =
        start(
            () -> {
              said.put("waits");
              try {
                lock.lock();
              } catch (OwnerDiedException e) {
                lock.recover();
              }
              lock.unlock();
            });
    List<Thread> waiters = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      waiters.add(
          threads(isVirtual)
              .start(
                  () -> {
                    try {
                      lock.lock();
                    } catch (OwnerDiedException e) {
                      lock.recover();
                    }
                    lock.unlock();
                  }));
    }
    said.take();
    Thread.sleep(50);
    Children.kill(holder);
    for (Thread waiter : waiters) {
      waiter.join();
    }
    Children.joinAll(waitingChild);
    assertFalse(lock.isLocked());
  }

  @Test
  void aWaiterThatIsKilledHarmsNobody() throws InterruptedException {
    ProcessLock lock = new ProcessLock();
    ProcessQueue<String> said = new ProcessQueue<>();
    lock.lock();
    List<ChildProcess> waiters = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      waiters.add(
          start(
              () -> {
                said.put("waits");
                lock.lock();
                said.put("has it");
                lock.unlock();
              }));
    }
    for (ChildProcess _ : waiters) {
      assertEquals("waits", said.take());
    }
    Thread.sleep(100);
    Children.kill(waiters.get(0));
    Children.kill(waiters.get(1));
    assertTrue(lock.isHeldByThisProcess());
    lock.unlock();
    assertEquals("has it", said.take());
    Children.joinAll(waiters.get(2));
    lock.lock();
    lock.unlock();
  }
}
