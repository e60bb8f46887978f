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

/** What a reentrant lock does, however the processes that use it are started. */
@ProcessTest
@Deadline(seconds = 40)
@SuppressWarnings("LockNotBeforeTry") // locks are what is tested: they are locked in every order
abstract class ReentrantLockContract {
  private final StartMethod method;

  ReentrantLockContract(StartMethod method) {
    this.method = method;
  }

  private ChildProcess start(SerializableRunnable task) {
    return Children.start(method, task);
  }

  private static Thread.Builder threads(boolean isVirtual) {
    return isVirtual ? Thread.ofVirtual() : Thread.ofPlatform();
  }

  /** Runs something in another thread to its end. */
  private static void elsewhere(boolean isVirtual, Runnable task) throws InterruptedException {
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    Thread thread =
        threads(isVirtual)
            .start(
                () -> {
                  try {
                    task.run();
                  } catch (Throwable e) {
                    thrown.set(e);
                  }
                });
    thread.join();
    assertNull(thrown.get());
  }

  @Test
  @Proves(48)
  void isFreeAfterAsManyUnlocks() throws InterruptedException {
    ProcessReentrantLock lock = new ProcessReentrantLock();
    assertEquals(0, lock.holdCount());
    lock.lock();
    assertTrue(lock.tryLock());
    lock.lockInterruptibly();
    assertTrue(lock.tryLock(1, TimeUnit.SECONDS));
    for (int holds = 4; holds > 0; holds--) {
      assertEquals(holds, lock.holdCount());
      assertTrue(lock.isLocked());
      assertTrue(lock.isHeldByCurrentThread());
      lock.unlock();
    }
    assertFalse(lock.isLocked());
    assertFalse(lock.isHeldByCurrentThread());
    assertEquals(0, lock.holdCount());
    assertThrows(IllegalMonitorStateException.class, lock::unlock);
    assertThrows(IllegalMonitorStateException.class, lock::recover);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void belongsToAThread(boolean isVirtual) throws InterruptedException {
    ProcessReentrantLock lock = new ProcessReentrantLock();
    lock.lock();
    elsewhere(
        isVirtual,
        () -> {
          assertTrue(lock.isLocked());
          assertFalse(lock.isHeldByCurrentThread());
          assertEquals(0, lock.holdCount());
          assertFalse(lock.tryLock());
          IllegalMonitorStateException thrown =
              assertThrows(IllegalMonitorStateException.class, lock::unlock);
          assertTrue(
              String.valueOf(thrown.getMessage()).contains("not by this thread"), "" + thrown);
          assertThrows(IllegalMonitorStateException.class, lock::recover);
          assertThrows(
              IllegalMonitorStateException.class, () -> new ProcessCondition(lock).signal());
        });
    lock.unlock();
    elsewhere(
        isVirtual,
        () -> {
          assertTrue(lock.tryLock());
          lock.unlock();
        });
  }

  @Test
  @Proves(51)
  @SuppressWarnings("try") // closing it twice is what is tested
  void holdUnlocksAtTheEndOfTheBlock() {
    ProcessReentrantLock lock = new ProcessReentrantLock();
    try (Hold _ = lock.hold();
        Hold inner = lock.hold()) {
      assertEquals(2, lock.holdCount());
      inner.close();
      assertEquals(1, lock.holdCount());
    }
    assertFalse(lock.isLocked());
  }

  @Test
  @Proves(47)
  void tellsItsHolder() throws InterruptedException {
    ProcessReentrantLock lock = new ProcessReentrantLock();
    String pid = "process " + ProcessHandle.current().pid();
    assertTrue(lock.toString().contains("unlocked"), lock.toString());
    lock.lock();
    lock.lock();
    assertTrue(lock.toString().contains("held 2 times by this thread"), lock.toString());
    assertTrue(lock.toString().contains(pid), lock.toString());
    elsewhere(
        false,
        () -> {
          assertTrue(lock.toString().contains("held 2 times by thread "), lock.toString());
          assertTrue(lock.toString().contains(pid), lock.toString());
        });
    Children.run(
        method, () -> assertTrue(lock.toString().contains("held 2 times by thread"), "" + lock));
    lock.unlock();
    lock.unlock();
  }

  @Test
  void aThreadOfTheSameNumberInAnotherProcessDoesNotHoldIt() throws InterruptedException {
    ProcessReentrantLock lock = new ProcessReentrantLock();
    lock.lock();
    Children.run(
        method,
        () -> { // one of these threads has the number of the one that holds the lock
          for (int i = 0; i < 100; i++) {
            elsewhere(i % 2 == 0, () -> assertFalse(lock.tryLock()));
          }
          assertFalse(lock.isHeldByCurrentThread());
        });
    lock.unlock();
  }

  @Test
  @Proves(49)
  void aLockHeldElsewhereIsLockedHere() throws InterruptedException {
    ProcessReentrantLock lock = new ProcessReentrantLock();
    ProcessSemaphore locked = new ProcessSemaphore(0);
    ProcessSemaphore goOn = new ProcessSemaphore(0);
    ChildProcess child =
        start(
            () -> {
              lock.lock();
              lock.lock();
              locked.release();
              goOn.acquire();
              lock.unlock();
              locked.release();
              goOn.acquire();
              lock.unlock();
            });
    for (int i = 0; i < 2; i++) {
      locked.acquire();
      assertTrue(lock.isLocked());
      assertFalse(lock.tryLock());
      assertFalse(lock.tryLock(20, TimeUnit.MILLISECONDS));
      IllegalMonitorStateException thrown =
          assertThrows(IllegalMonitorStateException.class, lock::unlock);
      assertTrue(
          String.valueOf(thrown.getMessage()).contains("" + child.pid().orElseThrow()),
          "" + thrown);
      goOn.release();
    }
    lock.lock();
    lock.unlock();
    Children.joinAll(child);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void heedsInterrupts(boolean isVirtual) throws InterruptedException {
    ProcessReentrantLock lock = new ProcessReentrantLock();
    lock.lock();
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    Thread waiter =
        threads(isVirtual)
            .start(
                () -> {
                  try {
                    lock.lockInterruptibly();
                  } catch (Throwable e) {
                    thrown.set(e);
                  }
                });
    Thread.sleep(30);
    waiter.interrupt();
    waiter.join();
    assertTrue(thrown.get() instanceof InterruptedException, "" + thrown.get());
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, lock::lockInterruptibly);
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> lock.tryLock(1, TimeUnit.SECONDS));
    Thread.currentThread().interrupt();
    lock.lock();
    assertTrue(Thread.interrupted());
    assertEquals(2, lock.holdCount());
    lock.unlock();
    lock.unlock();
  }

  private record Cell(ProcessReentrantLock lock, ProcessQueue<Integer> value)
      implements Serializable {
    void increment() throws InterruptedException {
      lock.lock();
      try {
        lock.lock();
        Integer old = value.poll();
        if (old == null) {
          throw new AssertionError("somebody else is in here");
        }
        lock.unlock();
        value.put(old + 1);
      } finally {
        lock.unlock();
      }
    }
  }

  @Test
  void threadsOfProcessesExcludeEachOther() throws InterruptedException {
    Cell cell = new Cell(new ProcessReentrantLock(), new ProcessQueue<>());
    cell.value().put(0);
    SerializableRunnable work =
        () -> {
          List<Thread> threads = new ArrayList<>();
          for (int i = 0; i < 20; i++) {
            threads.add(
                threads(i % 2 == 0)
                    .start(
                        () -> {
                          try {
                            for (int round = 0; round < 100; round++) {
                              cell.increment();
                            }
                          } catch (InterruptedException e) {
                            throw new AssertionError(e);
                          }
                        }));
          }
          for (Thread thread : threads) {
            thread.join();
          }
        };
    ChildProcess[] children = {start(work), start(work)};
    work.run();
    Children.joinAll(children);
    assertEquals(6_000, cell.value().take());
  }

  @Test
  void makesConditions() {
    ProcessReentrantLock lock = new ProcessReentrantLock();
    ProcessCondition condition = lock.newCondition();
    assertSame(lock, condition.associatedLock());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theNextHolderIsToldOfADeath(boolean isKilled) throws InterruptedException {
    ProcessReentrantLock lock = new ProcessReentrantLock();
    ProcessQueue<Long> pids = new ProcessQueue<>();
    ChildProcess child =
        start(
            () -> {
              lock.lock();
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
    OwnerDiedException thrown = assertThrows(OwnerDiedException.class, lock::lock);
    assertEquals(pid, thrown.pid());
    assertEquals(1, lock.holdCount());
    lock.lock(); // it knows
    lock.unlock();
    lock.unlock();
    assertThrows(OwnerDiedException.class, lock::hold);
    assertFalse(lock.isLocked());
    assertThrows(OwnerDiedException.class, lock::tryLock);
    lock.recover();
    lock.unlock();
    lock.lock();
    lock.unlock();
  }

  @Test
  void thousandVirtualThreadsWaitAndOthersGoOn() throws InterruptedException {
    ProcessReentrantLock lock = new ProcessReentrantLock();
    lock.lock();
    int[] count = new int[1];
    List<Thread> waiters = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      waiters.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    lock.lock();
                    count[0]++;
                    lock.unlock();
                  }));
    }
    Thread.sleep(50);
    elsewhere(true, () -> assertTrue(lock.isLocked())); // it could run
    lock.unlock();
    for (Thread waiter : waiters) {
      waiter.join();
    }
    assertEquals(1_000, count[0]);
  }
}
