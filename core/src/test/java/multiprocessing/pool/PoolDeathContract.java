package multiprocessing.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.Serializable;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import multiprocessing.Multiprocessing;
import multiprocessing.error.RemoteTaskException;
import multiprocessing.error.TaskTimeoutException;
import multiprocessing.error.WorkerLostException;
import multiprocessing.process.SerializableCallable;
import multiprocessing.process.StartMethod;
import multiprocessing.queue.ProcessQueue;
import multiprocessing.sync.ProcessSemaphore;
import multiprocessing.testing.Deadline;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What becomes of tasks that take too long, and of those whose worker dies. */
abstract class PoolDeathContract extends PoolSuite {
  PoolDeathContract(StartMethod method) {
    super(method);
  }

  private static <X extends Throwable> X cause(Class<X> type, TaskFuture<?> future) {
    return assertInstanceOf(type, assertThrows(ExecutionException.class, future::get).getCause());
  }

  // --- time ---

  @Test
  void atItsSoftLimitATaskIsInterrupted() throws Exception {
    try (ProcessPool pool = builder(1).taskTimeout(Duration.ofMillis(100), null).build()) {
      long worker = pool.apply(PoolSuite::pid);
      TaskFuture<Integer> slow =
          pool.submit(
              () -> {
                Thread.sleep(600_000);
                return 1;
              });
      TaskTimeoutException timeout = cause(TaskTimeoutException.class, slow);
      assertInstanceOf(InterruptedException.class, timeout.getCause());
      assertEquals(worker, timeout.pid());
      TaskFuture<Integer> stubborn =
          pool.submit(
              () -> {
                while (!Thread.currentThread().isInterrupted()) {
                  Thread.onSpinWait();
                }
                return 2; // it was asked to hurry, and did
              });
      assertEquals(2, stubborn.get());
      assertEquals(worker, pool.apply(PoolSuite::pid));
    }
  }

  @Test
  void theSoftLimitIsThatOfEachItem() throws Exception {
    try (ProcessPool pool = builder(1).taskTimeout(Duration.ofSeconds(1), null).build()) {
      List<Object> outcomes = new ArrayList<>();
      Iterator<Integer> results =
          pool.<Integer, Integer>imap(
                  x -> {
                    Thread.sleep(x);
                    return x;
                  },
                  List.of(1, 300, 300, 300, 300, 600_000, 2),
                  7)
              .iterator();
      for (int i = 0; i < 7; i++) {
        try {
          outcomes.add(results.next());
        } catch (Exception e) {
          outcomes.add(e.getClass());
        }
      }
      assertEquals(List.of(1, 300, 300, 300, 300, TaskTimeoutException.class, 2), outcomes);
    }
  }

  private static int spinForEver() {
    while (true) {
      Thread.onSpinWait();
    }
  }

  @Test
  void atItsHardLimitATaskTellsWhereItIsAndIsKilled() throws Exception {
    try (ProcessPool pool = builder(1).taskTimeout(null, Duration.ofMillis(200)).build()) {
      TaskFuture<Integer> endless = pool.submit(() -> spinForEver());
      TaskFuture<Integer> next = pool.submit(() -> 2);
      TaskTimeoutException timeout = cause(TaskTimeoutException.class, endless);
      assertTrue(timeout.threadDump().contains("spinForEver"), timeout::toString);
      assertInstanceOf(TimeoutException.class, timeout);
      assertEquals(endless.workerPid().getAsLong(), timeout.pid());
      assertEquals(2, next.get());
      List<Object> outcomes = new ArrayList<>();
      Iterator<Integer> results =
          pool.imap(x -> x == 1 ? spinForEver() : x, numbers(4), 4).iterator();
      for (int i = 0; i < 4; i++) {
        try {
          outcomes.add(results.next());
        } catch (Exception e) {
          outcomes.add(e.getClass());
        }
      }
      assertEquals(List.of(0, TaskTimeoutException.class, 2, 3), outcomes);
    }
  }

  @SuppressWarnings("LockNotBeforeTry") // nobody gives it back
  private static int waitForALockOfAnotherThread(String name) throws InterruptedException {
    Object monitor = new Object();
    ReentrantLock lock = new ReentrantLock();
    CountDownLatch held = new CountDownLatch(1);
    Thread holder =
        new Thread(
            () -> {
              lock.lock();
              synchronized (monitor) {
                held.countDown();
                spinForEver();
              }
            },
            name);
    holder.setDaemon(true);
    holder.start();
    held.await();
    synchronized (monitor) {
      return 1;
    }
  }

  @Test
  void theDumpTellsWhoHoldsWhatATaskWaitsFor() throws Exception {
    try (ProcessPool pool = builder(1).taskTimeout(null, Duration.ofMillis(200)).build()) {
      TaskFuture<Integer> endless = pool.submit(() -> waitForALockOfAnotherThread("the holder"));
      String dump = cause(TaskTimeoutException.class, endless).threadDump();
      List<String> lines = dump.lines().toList();
      assertTrue(lines.getFirst().endsWith("BLOCKED"), dump);
      String waits = lines.get(2);
      assertTrue(waits.startsWith("    - waits for java.lang.Object@"), dump);
      assertTrue(waits.endsWith(", which \"the holder\" holds"), dump);
      String monitor = waits.substring(waits.indexOf("java."), waits.indexOf(','));
      assertTrue(lines.contains("    - holds " + monitor), dump);
      assertTrue(dump.contains("    - holds java.util.concurrent.locks.ReentrantLock"), dump);
    }
  }

  @SuppressWarnings("LockNotBeforeTry") // nobody gives them back
  private static int lockEachOther() throws InterruptedException {
    ReentrantLock one = new ReentrantLock();
    ReentrantLock two = new ReentrantLock();
    CountDownLatch both = new CountDownLatch(2);
    Thread other =
        new Thread(
            () -> {
              two.lock();
              both.countDown();
              one.lock();
            },
            "the other one");
    other.setDaemon(true);
    one.lock();
    other.start();
    both.countDown();
    both.await();
    two.lock();
    return 1;
  }

  @Test
  void theDumpTellsOfADeadlock() throws Exception {
    try (ProcessPool pool = builder(1).taskTimeout(null, Duration.ofMillis(300)).build()) {
      TaskFuture<Integer> endless = pool.submit(() -> lockEachOther());
      String dump = cause(TaskTimeoutException.class, endless).threadDump();
      String first = dump.lines().findFirst().orElseThrow();
      assertTrue(first.startsWith("a deadlock of 2 threads: "), dump);
      assertTrue(first.contains("\"the other one\""), dump);
    }
  }

  @Test
  void aWorkerThatCannotTellWhereItIsIsKilledAllTheSame() throws Exception {
    try (ProcessPool pool = builder(1).build()) {
      ProcessQueue<Long> running = Multiprocessing.queue();
      ProcessPool timed =
          pool.with(TaskOptions.builder().hardTimeout(Duration.ofSeconds(2)).build());
      TaskFuture<Integer> stopped =
          timed.submit(
              () -> {
                running.put(pid());
                return spinForEver();
              });
      signal("STOP", running.take());
      TaskTimeoutException timeout = cause(TaskTimeoutException.class, stopped);
      assertTrue(timeout.threadDump().contains("did not answer"), timeout::toString);
      assertEquals(2, pool.apply(() -> 2));
    }
  }

  static void signal(String name, long pid) throws IOException, InterruptedException {
    int _ = new ProcessBuilder("kill", "-" + name, "" + pid).start().waitFor();
  }

  @Test
  void cancellingARunningMapEndsItsWorkers() throws Exception {
    try (ProcessPool pool = builder(1).build()) {
      ProcessSemaphore started = new ProcessSemaphore(0);
      TaskFuture<List<Integer>> map =
          pool.mapAsync(
              x -> {
                started.release();
                return spinForEver();
              },
              numbers(3));
      started.acquire();
      assertTrue(map.cancel(true));
      assertThrows(CancellationException.class, map::get);
      assertEquals(5, pool.apply(() -> 5));
    }
  }

  // --- reports ---

  @Test
  void aReportTellsWhatTheWorkerSaidLast() throws Exception {
    try (ProcessPool pool = builder(1).build()) {
      TaskFuture<?> fatal =
          pool.with(TaskOptions.builder().name("the fatal one").build())
              .submit(
                  () -> {
                    System.err.println("(a test lets a worker say this) disk on fire");
                    Runtime.getRuntime().halt(3);
                  });
      WorkerLostException lost = cause(WorkerLostException.class, fatal);
      assertTrue(lost.stderrTail().contains("disk on fire"), lost::toString);
      assertTrue(lost.task().contains("the fatal one"), lost::toString);
      assertEquals(3, lost.exitCode().getAsInt());
      assertTrue(
          pool.insights().ended().getFirst().reason().contains("exit code 3"),
          () -> pool.insights().toString());
    }
  }

  @Test
  @SuppressWarnings("restricted") // a crash is what is wanted
  void aCrashOfTheVirtualMachineIsToldByItsReport() throws Exception {
    try (ProcessPool pool = builder(1).build()) {
      TaskFuture<Byte> crash =
          pool.submit(
              () -> MemorySegment.ofAddress(8).reinterpret(8).get(ValueLayout.JAVA_BYTE, 0));
      WorkerLostException lost = cause(WorkerLostException.class, crash);
      Path report = Path.of("hs_err_pid" + lost.pid() + ".log");
      try {
        assertEquals(-6, lost.exitCode().getAsInt());
        assertTrue(lost.stderrTail().contains("SIGSEGV"), lost::toString);
        assertTrue(lost.stderrTail().contains(report.toString()), lost::toString);
      } finally {
        Files.deleteIfExists(report);
      }
      assertEquals(6, pool.apply(() -> 6));
    }
  }

  // --- many deaths ---

  /** What nobody can read again. */
  static final class Undecodable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Serializable poison = new PoolContract.Poison();

    Undecodable() {
      super("undecodable");
      assertNotNull(poison);
    }
  }

  @SuppressWarnings("InfiniteRecursion")
  private static int recurse(int depth) {
    return recurse(depth + 1) + depth;
  }

  private static int misbehave(int x) {
    switch (x % 20) {
      case 3 -> Runtime.getRuntime().halt(x);
      case 7 -> {
        return recurse(0);
      }
      case 11 -> throw new Undecodable();
      case 15 -> {
        return new long[Integer.MAX_VALUE - 8].length;
      }
      case 19 -> System.exit(x);
      default -> {}
    }
    return x;
  }

  @Test
  void tasksThatDieInAnyWayHarmNoOthers() throws Exception {
    misbehaveAll(40);
  }

  @Test
  @Tag("stress")
  @Deadline(seconds = 600)
  void manyTasksThatDieInAnyWayHarmNoOthers() throws Exception {
    misbehaveAll(200);
  }

  private void misbehaveAll(int tasks) throws Exception {
    try (ProcessPool pool = builder(2).build()) {
      List<TaskFuture<Integer>> futures = new ArrayList<>();
      for (int i = 0; i < tasks; i++) {
        int x = i;
        futures.add(pool.submit((SerializableCallable<Integer>) () -> misbehave(x)));
      }
      for (int i = 0; i < tasks; i++) {
        TaskFuture<Integer> future = futures.get(i);
        switch (i % 20) {
          case 3, 19 -> cause(WorkerLostException.class, future);
          case 7 -> cause(StackOverflowError.class, future);
          case 11 -> {
            Throwable thrown = cause(Throwable.class, future);
            assertTrue(
                thrown instanceof RemoteTaskException || thrown instanceof Undecodable,
                thrown::toString);
          }
          case 15 -> cause(OutOfMemoryError.class, future);
          default -> assertEquals(i, future.get());
        }
      }
    }
  }

  @Test
  @Tag("crash")
  void everyTaskEndsOnceHoweverWorkersAreKilled() throws Exception {
    chaos(2, 3000, 8, false);
  }

  @Test
  @Tag("stress")
  @Deadline(seconds = 900)
  void everyTaskEndsOnceInAStormOfSignals() throws Exception {
    chaos(4, 100_000, 200, false);
    chaos(4, 100_000, 200, true);
  }

  /** Runs so many tasks, and more until so many signals have been sent. */
  private void chaos(int workers, int tasks, int signals, boolean retry) throws Exception {
    try (ProcessPool pool = builder(workers).retries(retry ? 1000 : 0).build()) {
      List<TaskFuture<Integer>> futures = new ArrayList<>();
      CompletableFuture<Void> killer = new CompletableFuture<>();
      Thread.ofPlatform().start(() -> killAtRandom(pool, signals, new Random(tasks), killer));
      int ahead = tasks / 10;
      int lost = 0;
      int done = 0;
      for (int i = 0; i < tasks || !killer.isDone(); i++) {
        int x = i;
        futures.add(pool.submit(() -> x));
        if (i >= ahead) {
          lost += outcome(futures, done++);
        }
      }
      while (done < futures.size()) {
        lost += outcome(futures, done++);
      }
      killer.join();
      assertFalse(retry && lost > 0, "lost " + lost);
      assertTrue(lost <= signals, "lost " + lost);
      assertEquals(numbers(100), pool.map(x -> x, numbers(100)));
    }
  }

  /** Checks the outcome of a task; gives 1 if it was lost. */
  private static int outcome(List<TaskFuture<Integer>> futures, int index) throws Exception {
    try {
      assertEquals(index, futures.get(index).get());
      return 0;
    } catch (ExecutionException e) {
      assertInstanceOf(WorkerLostException.class, e.getCause());
      return 1;
    }
  }

  private void killAtRandom(
      ProcessPool pool, int signals, Random random, CompletableFuture<Void> end) {
    try {
      for (int sent = 0; sent < signals; sent++) {
        Thread.sleep(random.nextInt(50));
        long pid = victim(pool, random);
        String signal = List.of("KILL", "STOP", "TERM").get(random.nextInt(3));
        signal(signal, pid);
        if (signal.equals("STOP")) {
          Thread.sleep(random.nextInt(20));
          signal("CONT", pid);
        }
      }
      end.complete(null);
    } catch (Throwable thrown) {
      end.completeExceptionally(thrown);
    }
  }

  /** Any worker; one that has started, where that takes so long that none might come to it. */
  private long victim(ProcessPool pool, Random random) throws InterruptedException {
    while (true) {
      List<PoolInsights.WorkerInsight> workers =
          pool.insights().workers().stream()
              .filter(
                  worker ->
                      method() != StartMethod.SPAWN
                          || worker.state() != PoolInsights.State.STARTING)
              .toList();
      if (!workers.isEmpty()) {
        return workers.get(random.nextInt(workers.size())).pid();
      }
      Thread.sleep(1);
    }
  }
}
