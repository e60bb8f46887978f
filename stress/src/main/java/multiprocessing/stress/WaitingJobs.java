package multiprocessing.stress;

import static multiprocessing.stress.Job.require;
import static multiprocessing.stress.ProcessJobs.end;
import static multiprocessing.stress.ProcessJobs.start;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import multiprocessing.error.OwnerDiedException;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.process.StartMethod;
import multiprocessing.sync.ProcessBarrier;
import multiprocessing.sync.ProcessCondition;
import multiprocessing.sync.ProcessEvent;
import multiprocessing.sync.ProcessReentrantLock;

/** Processes that wait for each other, of which one is killed. */
@SuppressWarnings({"LockNotBeforeTry", "WaitNotInLoop"}) // single steps are what is looked at
final class WaitingJobs {
  private static final int WAITERS = 3;
  private static final int BROKEN = 7;
  private static final Duration LONG = Duration.ofSeconds(60);

  private WaitingJobs() {}

  private static List<ChildProcess> waiters(
      StartMethod method, int count, SerializableRunnable task) {
    List<ChildProcess> children = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      children.add(start(method, task));
    }
    return children;
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + LONG.toNanos();
    while (!condition.getAsBoolean()) {
      require(System.nanoTime() < deadline, "not in", LONG, ":", what);
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  private static void endAll(List<ChildProcess> children) throws InterruptedException {
    int first = end(children.getFirst());
    require(first == 0 || first == -9, "exit code", first);
    for (ChildProcess child : children.subList(1, children.size())) {
      int code = end(child);
      require(code == 0, "exit code", code, "of one that nobody has killed");
    }
  }

  /** All who wait for an event go on, but the one that is killed before or while it waits. */
  static void event(StartMethod method, Random random) throws InterruptedException {
    ProcessEvent event = new ProcessEvent();
    List<ChildProcess> children = waiters(method, WAITERS, event::await);
    TimeUnit.MICROSECONDS.sleep(random.nextInt(100_000));
    children.getFirst().kill();
    event.set();
    endAll(children);
    require(event.isSet(), "the event is not set any more");
  }

  /** All who wait in a condition get the signal, though one is killed before or behind it. */
  static void condition(StartMethod method, Random random) throws InterruptedException {
    ProcessCondition condition = new ProcessCondition();
    List<ChildProcess> children = waiters(method, WAITERS, () -> awaitSignal(condition));
    await("all wait in the condition", () -> condition.numberWaiting() == WAITERS);
    boolean before = random.nextBoolean();
    if (before) {
      children.getFirst().kill();
    }
    insist(condition);
    condition.signalAll();
    condition.unlock();
    if (!before) {
      TimeUnit.MICROSECONDS.sleep(random.nextInt(500));
      children.getFirst().kill();
    }
    endAll(children);
    insist(condition);
    condition.unlock();
  }

  private static void awaitSignal(ProcessCondition condition) throws InterruptedException {
    insist(condition);
    try {
      condition.await();
    } catch (OwnerDiedException e) {
      recover(condition);
    }
    condition.unlock();
  }

  private static void insist(ProcessCondition condition) {
    try {
      condition.lock();
    } catch (OwnerDiedException e) {
      recover(condition);
    }
  }

  private static void recover(ProcessCondition condition) {
    ((ProcessReentrantLock) condition.associatedLock()).recover();
  }

  /** A party that is killed at a barrier breaks it; when it is reset it is whole again. */
  static void barrier(StartMethod method, Random random) throws Exception {
    ProcessBarrier barrier = new ProcessBarrier(WAITERS);
    List<ChildProcess> parties = waiters(method, WAITERS - 1, () -> meet(barrier));
    await("all but one are at the barrier", () -> barrier.numberWaiting() == WAITERS - 1);
    TimeUnit.MICROSECONDS.sleep(random.nextInt(2_000));
    parties.getFirst().kill();
    int killed = end(parties.getFirst());
    int told = end(parties.getLast());
    require(killed == -9 && told == BROKEN, "exit codes", killed, told);
    barrier.reset();
    parties = waiters(method, WAITERS - 1, () -> meet(barrier));
    int _ = barrier.await(LONG);
    endAll(parties);
  }

  private static void meet(ProcessBarrier barrier) throws InterruptedException {
    try {
      int _ = barrier.await();
    } catch (BrokenBarrierException e) {
      System.exit(BROKEN);
    }
  }
}
