package multiprocessing.internal.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongUnaryOperator;
import multiprocessing.internal.sync.Mutex.Outcome;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The algorithms on words of shared memory, with two mappings that stand for two processes. */
@ProcessTest
class SyncTest {
  private static final int OFTEN = 300_000;

  private final TwoTables processes = new TwoTables();
  private final Mutex first = new Mutex(processes.first, TwoTables.FREE, processes.firstTable);
  private final Mutex second = new Mutex(processes.second, TwoTables.FREE, processes.secondTable);

  @AfterEach
  void close() {
    processes.close();
  }

  // --- ProcessTable ---

  @Test
  void processesAreKnownByTheirIds() {
    int one = processes.firstTable.self();
    int two = processes.secondTable.self();
    assertNotEquals(one, two);
    assertNotEquals(0, one);
    assertEquals(0, one & ~ProcessTable.ID_MASK);
    assertTrue(processes.secondTable.isAlive(one));
    assertFalse(processes.secondTable.isDead(one));
    assertEquals(ProcessHandle.current().pid(), processes.secondTable.pid(one));
    Set<Integer> all = new HashSet<>();
    processes.firstTable.forEach(all::add);
    assertEquals(Set.of(one, two), all);
  }

  @Test
  void aSlotIsUsedAgainByAnother() {
    int dead = processes.firstTable.self();
    processes.firstDies();
    assertTrue(processes.secondTable.isDead(dead));
    assertFalse(processes.secondTable.isAlive(dead));
    processes.secondTable.forget(dead);
    assertTrue(processes.secondTable.isDead(dead));
    long pid = ProcessHandle.current().pid();
    int others = 0;
    int next = new ProcessTable(processes.second, 0).enrol();
    for (; (next & ProcessTable.SLOTS - 1) != (dead & ProcessTable.SLOTS - 1); others++) {
      assertEquals(pid, processes.secondTable.pid(dead), "who is yet to hear of it is told");
      next = new ProcessTable(processes.second, 0).enrol();
    }
    assertNotEquals(dead, next);
    assertTrue(others > 50, "the slot was used again after " + others + " others");
    assertTrue(processes.secondTable.isDead(dead));
    assertTrue(processes.secondTable.isAlive(next));
    processes.secondTable.forget(next);
    assertTrue(processes.secondTable.isAlive(next), "the living are not forgotten");
  }

  @Test
  void aTreeHasRoomForSoManyProcesses() {
    for (int i = 2; i < ProcessTable.SLOTS; i++) {
      new ProcessTable(processes.first, 0).enrol();
    }
    ProcessTable last = new ProcessTable(processes.first, 0);
    assertThrows(IllegalStateException.class, last::enrol);
  }

  // --- Mutex ---

  @Test
  void onlyTheHolderUnlocks() {
    assertEquals(Outcome.ACQUIRED, first.lock());
    assertEquals(Outcome.TIMED_OUT, second.tryLock());
    assertThrows(IllegalMonitorStateException.class, second::unlock);
    assertThrows(IllegalMonitorStateException.class, second::markConsistent);
    assertTrue(second.isLocked());
    assertFalse(second.isHeldByThisProcess());
    assertEquals(ProcessHandle.current().pid(), second.holderPid());
    first.unlock();
    assertEquals(Outcome.ACQUIRED, second.tryLock());
    second.unlock();
    assertEquals(0, second.holderPid());
  }

  @Test
  void aMutexOfTheDeadIsTakenOver() throws InterruptedException {
    first.lock();
    processes.firstDies();
    assertEquals(Outcome.ACQUIRED_FROM_DEAD, second.lock());
    assertEquals(ProcessHandle.current().pid(), second.deadPid());
    assertTrue(second.isOrphaned());
    second.unlock();
    assertEquals(Outcome.ACQUIRED_FROM_DEAD, second.tryLock(), "not recovered yet");
    second.unlock();
    assertEquals(Outcome.ACQUIRED_FROM_DEAD, second.lockInterruptibly(0));
    second.markConsistent();
    second.unlock();
    assertEquals(Outcome.ACQUIRED, second.lock());
    second.unlock();
  }

  @Test
  void thePidOfTheDeadIsKnownAfterItIsForgotten() {
    int pid = (int) ProcessHandle.current().pid();
    first.lock();
    processes.firstDies();
    processes.secondTable.forget(processes.firstTable.self());
    assertEquals(Outcome.ACQUIRED_FROM_DEAD, second.lock());
    assertEquals(pid, second.deadPid());
    second.unlock();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void mutexesExclude(boolean isVirtual) throws InterruptedException {
    long[] counter = new long[1];
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      Mutex mutex = i % 2 == 0 ? first : second;
      threads.add(
          (isVirtual ? Thread.ofVirtual() : Thread.ofPlatform())
              .start(
                  () -> {
                    for (int round = 0; round < 5_000; round++) {
                      mutex.lock();
                      counter[0]++;
                      mutex.unlock();
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(30_000, counter[0]);
    assertFalse(first.isLocked());
  }

  @Test
  void anUnlockTooManyIsAnErrorThoughTheProcessLocksAgainMeanwhile() throws InterruptedException {
    int locked = 0;
    AtomicInteger unlocked = new AtomicInteger();
    Thread other = Thread.ofPlatform().start(() -> unlockOften(unlocked));
    for (int i = 0; i < OFTEN; i++) {
      if (first.tryLock() == Outcome.ACQUIRED) {
        locked++;
      }
      unlock(unlocked);
    }
    other.join();
    assertFalse(second.isLocked());
    assertEquals(locked, unlocked.get());
  }

  private void unlockOften(AtomicInteger unlocked) {
    for (int i = 0; i < OFTEN; i++) {
      unlock(unlocked);
    }
  }

  private void unlock(AtomicInteger unlocked) {
    try {
      first.unlock();
      unlocked.getAndIncrement();
    } catch (IllegalMonitorStateException e) {
      assertNotNull(e.getMessage());
    }
  }

  // --- Signal ---

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noWakeUpIsLost(boolean isVirtual) throws InterruptedException {
    Signal one = new Signal(processes.first, TwoTables.FREE + 64);
    Signal two = new Signal(processes.second, TwoTables.FREE + 64);
    AtomicInteger turn = new AtomicInteger();
    Thread.Builder builder = isVirtual ? Thread.ofVirtual() : Thread.ofPlatform();
    Thread other =
        builder.start(
            () -> {
              for (int i = 1; i < 4_000; i += 2) {
                await(one, turn, i);
                turn.set(i + 1);
                one.wake(1);
              }
            });
    for (int i = 0; i < 4_000; i += 2) {
      await(two, turn, i);
      turn.set(i + 1);
      two.wake(1);
    }
    other.join();
    assertEquals(4_000, turn.get());
  }

  private static void await(Signal signal, AtomicInteger turn, int mine) {
    while (turn.get() != mine) {
      int prepared = signal.prepare();
      if (turn.get() != mine) {
        signal.sleep(prepared, Long.MAX_VALUE);
      }
    }
  }

  // --- Permits ---

  @Test
  void permitsOfTheDeadComeBackAndNotThoseOfTheLiving() throws InterruptedException {
    Permits one = new Permits(processes.first, TwoTables.FREE + 128, processes.firstTable);
    Permits two = new Permits(processes.second, TwoTables.FREE + 128, processes.secondTable);
    one.format(5, -1);
    for (int i = 0; i < 3; i++) {
      assertTrue(one.tryAcquire());
    }
    assertTrue(two.tryAcquire());
    processes.firstDies();
    for (int i = 0; i < 4; i++) {
      assertTrue(two.acquire(Long.MAX_VALUE));
    }
    assertFalse(two.acquire(60_000_000));
    assertTrue(two.release(5));
    assertEquals(5, two.drain());
    assertEquals(0, two.available());
  }

  // In whatever order they take and give back, it is kept who has what.
  @Test
  void permitsThatCameBackAreNotTakenForSignals() throws InterruptedException {
    Permits one = new Permits(processes.first, TwoTables.FREE + 128, processes.firstTable);
    Permits two = new Permits(processes.second, TwoTables.FREE + 128, processes.secondTable);
    one.format(3, -1);
    Random random = new Random(17);
    int[] held = new int[2];
    for (int i = 0; i < 2_000; i++) {
      int who = random.nextInt(2);
      Permits permits = who == 0 ? one : two;
      if (random.nextInt(20) == 0) {
        held[who] += permits.drain();
      } else if (random.nextBoolean()) {
        boolean taken = permits.tryAcquire();
        assertEquals(held[0] + held[1] < 3, taken);
        held[who] += taken ? 1 : 0;
      } else if (held[who] > 0) {
        int back = 1 + random.nextInt(held[who]);
        assertTrue(permits.release(back));
        held[who] -= back;
      }
      assertEquals(3 - held[0] - held[1], two.available());
    }
    processes.firstDies();
    for (int i = held[1]; i < 3; i++) {
      assertTrue(two.acquire(200_000_000), "permit " + i);
    }
  }

  @Test
  void aBoundHolds() {
    Permits permits = new Permits(processes.first, TwoTables.FREE + 128, processes.firstTable);
    permits.format(1, 2);
    assertTrue(permits.release(1));
    assertFalse(permits.release(1));
    assertEquals(2, permits.available());
    assertTrue(permits.tryAcquire());
    assertFalse(permits.release(2));
    assertTrue(permits.release(1));
  }

  // So many processes have taken a permit and died that the list of who has what is full of them.
  @Test
  void manyDeathsDoNotUseUpTheList() throws InterruptedException {
    Permits permits = new Permits(processes.second, TwoTables.FREE + 128, processes.secondTable);
    permits.format(200, -1);
    processes.firstDies();
    processes.secondTable.forget(processes.firstTable.self());
    for (int i = 0; i < 150; i++) {
      ProcessTable table = new ProcessTable(processes.first, 0);
      int id = table.enrol();
      assertTrue(
          new Permits(processes.first, TwoTables.FREE + 128, table).tryAcquire(), "permit " + i);
      processes.secondTable.declareDead(id);
      processes.secondTable.forget(id);
    }
    for (int i = 0; i < 200; i++) {
      assertTrue(permits.acquire(200_000_000), "permit " + i);
    }
  }

  @Test
  void allThatADeadProcessHadComesBackTogether() throws InterruptedException {
    Random random = new Random(8);
    for (int i = 0; i < 500; i++) {
      try (TwoTables pair = new TwoTables()) {
        Permits had = new Permits(pair.first, TwoTables.FREE, pair.firstTable);
        Permits wanted = new Permits(pair.second, TwoTables.FREE, pair.secondTable);
        had.format(2, -1);
        assertTrue(had.tryAcquire());
        assertTrue(had.tryAcquire());
        long pause = random.nextInt(200_000);
        Thread death =
            Thread.ofPlatform()
                .start(
                    () -> {
                      long end = System.nanoTime() + pause;
                      while (System.nanoTime() < end) {
                        Thread.onSpinWait();
                      }
                      pair.firstDies();
                    });
        while (!wanted.acquire(0)) {
          Thread.onSpinWait();
        }
        assertEquals(1, wanted.available(), "it died while it was looked at");
        death.join();
      }
    }
  }

  // --- Flag ---

  @Test
  void aFlagThatIsClearedAtOnceHasLetThoseGoOnWhoWaited() throws InterruptedException {
    Flag one = new Flag(processes.first, TwoTables.FREE + 64, processes.firstTable);
    Flag two = new Flag(processes.second, TwoTables.FREE + 64, processes.secondTable);
    for (int round = 0; round < 20; round++) {
      List<Thread> waiters = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        waiters.add(
            (i == 0 ? Thread.ofVirtual() : Thread.ofPlatform())
                .start(
                    () -> {
                      try {
                        assertTrue(one.await(Long.MAX_VALUE));
                      } catch (InterruptedException e) {
                        throw new AssertionError(e);
                      }
                    }));
      }
      int announced = 2;
      while (((int) Words.INT.getVolatile(processes.first, TwoTables.FREE + 64) & announced) == 0) {
        Thread.onSpinWait();
      }
      do { // the first to sleep has announced itself, others may be on their way
        two.set();
        two.clear();
      } while (waiters.stream().anyMatch(Thread::isAlive));
      assertFalse(one.isSet());
    }
  }

  @Test
  void aSleeperOfAFlagFindsThatItWasSet() throws InterruptedException {
    Flag flag = new Flag(processes.first, TwoTables.FREE + 64, processes.firstTable);
    Thread waiter =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    assertTrue(flag.await(Long.MAX_VALUE));
                  } catch (InterruptedException e) {
                    throw new AssertionError(e);
                  }
                });
    while (((int) Words.INT.getVolatile(processes.first, TwoTables.FREE + 64) & 2) == 0) {
      Thread.onSpinWait();
    }
    flag.set();
    flag.clear();
    waiter.join();
  }

  // --- WaitTable ---

  @Test
  void aTableOfWaitersGrows() {
    long[] next = {TwoTables.FREE + 1024};
    LongUnaryOperator more =
        bytes -> {
          next[0] += bytes;
          return next[0] - bytes;
        };
    WaitTable one =
        new WaitTable(processes.first, TwoTables.FREE + 256, processes.firstTable, more);
    WaitTable two =
        new WaitTable(processes.second, TwoTables.FREE + 256, processes.secondTable, more);
    for (int i = 0; i < 125; i++) {
      assertEquals(2 * i, one.add());
      assertEquals(2 * i + 1, two.add());
    }
    assertEquals(250, one.countWaiting());
    assertEquals(0, one.oldest());
    for (int entry = 0; entry < 250; entry++) {
      assertEquals(WaitTable.WAITING, two.state(entry));
      assertEquals(entry % 2 == 0, one.word(entry) == one.word(0), "whose entry it is");
    }
    one.free(100);
    one.free(0);
    assertEquals(1, two.oldest());
    assertEquals(0, one.add(), "a free one is used again");
    assertEquals(100, one.add());
    assertEquals(1, two.oldest(), "which is not the oldest");
    processes.firstDies();
    assertTrue(two.isOfTheDead(2));
    assertFalse(two.isOfTheDead(1));
    assertEquals(ProcessHandle.current().pid(), two.pid(2));
  }
}
