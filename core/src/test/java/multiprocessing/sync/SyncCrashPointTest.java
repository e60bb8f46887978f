package multiprocessing.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.atomic.AtomicInteger;
import multiprocessing.Multiprocessing;
import multiprocessing.error.OwnerDiedException;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.testing.Children;
import multiprocessing.testing.CrashPoints;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Lets a child die at each crash point of events, conditions and barriers; the others go on. */
@Tag("crash")
@ProcessTest
@Deadline(seconds = 40)
@SuppressWarnings({"WaitNotInLoop", "LockNotBeforeTry"}) // single steps are what is tested
class SyncCrashPointTest {
  static List<String> places() {
    return CrashPoints.named(place -> place.matches("(event|condition|barrier)\\..*"));
  }

  @Test
  void theSourcesNameThem() {
    assertFalse(places().isEmpty());
  }

  @ParameterizedTest
  @MethodSource("places")
  void aDeathThereHarmsNobody(String place) throws Exception {
    switch (place) {
      case "event.set" -> whoSetsAnEvent(place);
      case "condition.signalled" -> whoSignals(place);
      case "condition.regained" -> whoIsSignalled(place);
      case "condition.inherited" -> whoPassesASignalOn(place);
      case "barrier.arrived" -> whoHasJustComeToABarrier(place);
      case "barrier.acting" -> whoIsLastAtABarrier(place, true, false);
      case "barrier.verdict" -> whoIsLastAtABarrier(place, false, true);
      case "barrier.told" -> {
        whoIsLastAtABarrier(place, false, true);
        whoResetsABarrier(place);
      }
      default -> fail("no test for " + place);
    }
  }

  /** A child that dies at a place, perhaps after others have done something. */
  private static ChildProcess doomed(String place, SerializableRunnable task) {
    return CrashPoints.doomed(task, place, 1);
  }

  private static void assertKilled(ChildProcess child) throws InterruptedException {
    assertEquals(Children.KILLED, Children.exitCode(child), "it should have died there");
  }

  private static List<Thread> threads(int count, SerializableRunnable task) {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      threads.add((i % 2 == 0 ? Thread.ofPlatform() : Thread.ofVirtual()).start(task));
    }
    return threads;
  }

  private static void join(List<Thread> threads) throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private void whoSetsAnEvent(String place) throws InterruptedException {
    ProcessEvent event = new ProcessEvent();
    List<Thread> waiters = threads(4, event::await);
    assertKilled(doomed(place, event::set));
    join(waiters);
    assertTrue(event.isSet());
  }

  /** Locks whatever became of the holder before. */
  private static Hold insist(ProcessCondition condition) {
    try {
      condition.lock();
    } catch (OwnerDiedException e) {
      ((ProcessReentrantLock) condition.associatedLock()).recover();
    }
    return condition::unlock;
  }

  private static void awaitSignal(ProcessCondition condition) throws InterruptedException {
    try (Hold _ = insist(condition)) {
      try {
        condition.await();
      } catch (OwnerDiedException e) {
        ((ProcessReentrantLock) condition.associatedLock()).recover();
      }
    }
  }

  private void whoSignals(String place) throws InterruptedException {
    ProcessCondition condition = new ProcessCondition();
    AtomicInteger woken = new AtomicInteger();
    List<Thread> waiters =
        threads(
            4,
            () -> {
              awaitSignal(condition);
              woken.incrementAndGet();
            });
    Children.await(() -> condition.numberWaiting() == 4);
    assertKilled(
        doomed(
            place,
            () -> {
              condition.lock();
              condition.signalAll();
            }));
    Children.await(() -> woken.get() == 1); // that much it did
    assertEquals(3, condition.numberWaiting());
    try (Hold _ = insist(condition)) {
      assertEquals(3, condition.signal(10));
    }
    join(waiters);
  }

  private void whoIsSignalled(String place) throws InterruptedException {
    ProcessCondition condition = new ProcessCondition();
    ChildProcess child = doomed(place, () -> awaitSignal(condition));
    Children.await(() -> condition.numberWaiting() == 1);
    List<Thread> waiters = threads(2, () -> awaitSignal(condition));
    Children.await(() -> condition.numberWaiting() == 3);
    try (Hold _ = insist(condition)) {
      assertEquals(1, condition.signal(1));
    }
    assertKilled(child);
    Children.await(() -> condition.numberWaiting() == 1);
    try (Hold _ = insist(condition)) {
      assertEquals(1, condition.signal(1));
    }
    join(waiters);
  }

  private void whoPassesASignalOn(String place) throws InterruptedException {
    ProcessCondition condition = new ProcessCondition();
    ChildProcess first = doomed("condition.regained", () -> awaitSignal(condition));
    Children.await(() -> condition.numberWaiting() == 1);
    ChildProcess heir = doomed(place, () -> awaitSignal(condition));
    Children.await(() -> condition.numberWaiting() == 2);
    try (Hold _ = insist(condition)) {
      assertEquals(1, condition.signal(1));
    }
    assertKilled(first);
    assertKilled(heir);
    awaitSignal(condition); // what the dead have not acted on
  }

  private void whoHasJustComeToABarrier(String place) throws Exception {
    ProcessBarrier barrier = new ProcessBarrier(3);
    ProcessSemaphore broken = new ProcessSemaphore(0);
    List<Thread> waiters =
        threads(
            1,
            () -> {
              assertThrows(BrokenBarrierException.class, barrier::await);
              broken.release();
            });
    Children.await(() -> barrier.numberWaiting() == 1);
    assertKilled(doomed(place, barrier::await));
    join(waiters);
    assertEquals(1, broken.availablePermits());
    barrier.reset();
    passes(barrier, 3);
  }

  private static void passes(ProcessBarrier barrier, int parties) throws Exception {
    List<Thread> others = threads(parties - 1, barrier::await);
    barrier.await(Duration.ofDays(1));
    join(others);
    assertFalse(barrier.isBroken());
  }

  private void whoIsLastAtABarrier(String place, boolean acts, boolean passes) throws Exception {
    ProcessBarrier barrier = acts ? Multiprocessing.barrier(4, () -> {}) : new ProcessBarrier(4);
    AtomicInteger passed = new AtomicInteger();
    AtomicInteger broken = new AtomicInteger();
    List<Thread> waiters =
        threads(
            3,
            () -> {
              try {
                int _ = barrier.await();
                passed.incrementAndGet();
              } catch (BrokenBarrierException e) {
                broken.incrementAndGet();
              }
            });
    Children.await(() -> barrier.numberWaiting() == 3);
    assertKilled(doomed(place, barrier::await));
    join(waiters);
    assertEquals(passes ? 3 : 0, passed.get());
    assertEquals(passes ? 0 : 3, broken.get());
    barrier.reset();
    passes(barrier, 4);
  }

  private void whoResetsABarrier(String place) throws Exception {
    ProcessBarrier barrier = new ProcessBarrier(4);
    List<Thread> waiters =
        threads(3, () -> assertThrows(BrokenBarrierException.class, barrier::await));
    Children.await(() -> barrier.numberWaiting() == 3);
    assertKilled(doomed(place, barrier::reset));
    join(waiters);
    assertFalse(barrier.isBroken());
    passes(barrier, 4);
  }
}
