package multiprocessing.pool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import multiprocessing.Multiprocessing;
import multiprocessing.error.RemoteTaskException;
import multiprocessing.error.SerializationException;
import multiprocessing.error.WorkerLostException;
import multiprocessing.process.SerializableCallable;
import multiprocessing.process.StartMethod;
import multiprocessing.queue.ProcessQueue;
import multiprocessing.sync.ProcessLock;
import multiprocessing.sync.ProcessSemaphore;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Proves;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a pool does, however its workers are started. */
@ProcessTest
abstract class PoolContract {
  private final StartMethod method;

  PoolContract(StartMethod method) {
    this.method = method;
  }

  private ProcessPool pool(int processes) {
    return builder(processes).build();
  }

  ProcessPool.Builder builder(int processes) {
    return Multiprocessing.context(method).poolBuilder().processes(processes);
  }

  private static List<Integer> numbers(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  private static long pid() {
    return ProcessHandle.current().pid();
  }

  // --- map ---

  @Test
  @Proves(93)
  void mapKeepsTheOrderOfTheItems() throws Exception {
    try (ProcessPool pool = pool(3)) {
      List<Integer> squares = pool.map(x -> x * x, numbers(10_000));
      assertEquals(numbers(10_000).stream().map(x -> x * x).toList(), squares);
    }
  }

  @Test
  void mapOfNothingIsNothing() throws Exception {
    try (ProcessPool pool = pool(2)) {
      assertEquals(List.of(), pool.map(x -> x, List.of()));
      assertEquals(List.of(), pool.map(x -> x, List.of(), 10));
    }
  }

  @Test
  @Proves(93)
  void chunksOfAnySizeGiveTheSame() throws Exception {
    try (ProcessPool pool = pool(2)) {
      for (int chunk : new int[] {1, 2, 7, 99, 100, 101, Integer.MAX_VALUE}) {
        assertEquals(
            numbers(100).stream().map(x -> x + 1).toList(),
            pool.map(x -> x + 1, numbers(100), chunk));
      }
      assertThrows(IllegalArgumentException.class, () -> pool.map(x -> x, numbers(3), 0));
    }
  }

  @Test
  void nullsTravelBothWays() throws Exception {
    try (ProcessPool pool = pool(2)) {
      List<@Nullable String> items = Arrays.asList("a", null, "b");
      List<@Nullable String> results =
          pool.map((@Nullable String x) -> x == null ? "none" : null, items);
      assertEquals(Arrays.asList(null, "none", null), results);
      assertNull(pool.apply((SerializableCallable<@Nullable String>) () -> null));
    }
  }

  @Test
  void bigItemsAndResultsTravelWhole() throws Exception {
    try (ProcessPool pool = pool(2)) {
      List<double[]> items = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        double[] item = new double[200_000];
        Arrays.fill(item, i);
        items.add(item);
      }
      List<double[]> doubled =
          pool.map(item -> Arrays.stream(item).map(x -> 2 * x).toArray(), items);
      for (int i = 0; i < 6; i++) {
        double[] expected = new double[200_000];
        Arrays.fill(expected, 2 * i);
        assertArrayEquals(expected, doubled.get(i));
      }
    }
  }

  @Test
  void workIsSharedAmongDifferentProcesses() throws Exception {
    try (ProcessPool pool = pool(2)) {
      ProcessSemaphore arrived = new ProcessSemaphore(0);
      ProcessSemaphore go = new ProcessSemaphore(0);
      SerializableCallable<Long> task =
          () -> {
            arrived.release();
            go.acquire();
            return pid();
          };
      TaskFuture<Long> one = pool.submit(task);
      TaskFuture<Long> two = pool.submit(task);
      arrived.acquire();
      arrived.acquire(); // both run at the same time
      go.release(2);
      Set<Long> pids = Set.of(one.get(), two.get());
      assertFalse(pids.contains(pid()));
      assertEquals(one.get(), one.workerPid().getAsLong());
    }
  }

  @Test
  void aLongTaskHoldsNoOtherBack() throws Exception {
    try (ProcessPool pool = pool(2)) {
      ProcessSemaphore go = new ProcessSemaphore(0);
      TaskFuture<Integer> slow =
          pool.submit(
              () -> {
                go.acquire();
                return 1;
              });
      List<TaskFuture<Integer>> quick = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        int value = i;
        quick.add(pool.submit(() -> value));
      }
      for (int i = 0; i < 50; i++) {
        assertEquals(i, quick.get(i).get()); // would hang behind the slow one
      }
      assertFalse(slow.isDone());
      go.release();
      assertEquals(1, slow.get());
    }
  }

  // --- exceptions ---

  @Test
  @Proves({111, 112})
  void anExceptionArrivesAsItselfWithTheStackOfTheWorker() throws Exception {
    try (ProcessPool pool = pool(2)) {
      IOException thrown =
          assertThrows(
              IOException.class,
              () ->
                  pool.map(
                      x -> {
                        if (x == 3) {
                          throw new IOException("no " + x);
                        }
                        return x;
                      },
                      numbers(5)));
      assertEquals("no 3", thrown.getMessage());
      RemoteTaskException remote = assertInstanceOf(RemoteTaskException.class, thrown.getCause());
      assertTrue(remote.toString().contains("PoolContract"), remote::toString);
      ExecutionException wrapped =
          assertThrows(
              ExecutionException.class,
              () ->
                  pool.submit(
                          (SerializableCallable<Integer>)
                              () -> {
                                throw new IOException("again");
                              })
                      .get());
      assertEquals("again", assertInstanceOf(IOException.class, wrapped.getCause()).getMessage());
    }
  }

  @Test
  @Proves(113)
  void mapWaitsForAllAndThrowsTheFirstOfItsFailures() throws Exception {
    try (ProcessPool pool = pool(2)) {
      ProcessQueue<Integer> seen = Multiprocessing.queue();
      IllegalStateException thrown =
          assertThrows(
              IllegalStateException.class,
              () ->
                  pool.map(
                      x -> {
                        seen.put(x);
                        if (x % 2 == 1) {
                          throw new IllegalStateException("odd " + x);
                        }
                        return x;
                      },
                      numbers(20),
                      3));
      assertEquals("odd 1", thrown.getMessage());
      List<Integer> all = new ArrayList<>();
      seen.drainTo(all);
      Collections.sort(all);
      assertEquals(numbers(20), all);
    }
  }

  /** An exception that cannot be sent. */
  static final class Stuck extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial")
    final Thread thread = Thread.currentThread();

    Stuck() {
      super("stuck");
    }
  }

  /** A value that cannot be read again. */
  static final class Poison implements java.io.Serializable {
    private static final long serialVersionUID = 1L;

    private void readObject(java.io.ObjectInputStream in) {
      throw new IllegalStateException("poison " + in);
    }
  }

  @Test
  @Proves(118)
  void whatCannotTravelBackFailsItsTaskAlone() throws Exception {
    try (ProcessPool pool = pool(2)) {
      List<TaskFuture<?>> bad =
          List.of(
              pool.submit(
                  (SerializableCallable<Object>)
                      () -> {
                        throw new Stuck();
                      }),
              pool.submit((SerializableCallable<Object>) Thread::currentThread),
              pool.submit((SerializableCallable<Object>) Poison::new));
      List<Class<?>> expected =
          List.of(
              RemoteTaskException.class,
              SerializationException.class,
              SerializationException.class);
      for (int i = 0; i < bad.size(); i++) {
        int index = i;
        ExecutionException thrown =
            assertThrows(ExecutionException.class, () -> bad.get(index).get());
        assertInstanceOf(expected.get(i), thrown.getCause());
      }
      assertEquals(5, pool.apply(() -> 5));
    }
  }

  @Test
  @Proves(98)
  void whatCannotTravelThereFailsInTheCaller() throws Exception {
    try (ProcessPool pool = pool(1)) {
      Thread thread = Thread.currentThread();
      SerializationException thrown =
          assertThrows(SerializationException.class, () -> pool.submit(() -> thread.getName()));
      assertNotNull(thrown.getMessage());
      assertThrows(SerializationException.class, () -> pool.map(x -> 1, List.of(1, thread)));
      assertThrows(SerializationException.class, () -> pool.submit((Callable<Integer>) () -> 1));
      assertEquals(6, pool.apply(() -> 6));
    }
  }

  @Test
  void errorsOfTheVirtualMachineFailTheTaskAlone() throws Exception {
    try (ProcessPool pool = pool(2)) {
      TaskFuture<Integer> deep = pool.submit(() -> recurse(0));
      TaskFuture<Integer> large = pool.submit(() -> new long[Integer.MAX_VALUE - 8].length);
      assertInstanceOf(
          StackOverflowError.class, assertThrows(ExecutionException.class, deep::get).getCause());
      assertInstanceOf(
          OutOfMemoryError.class, assertThrows(ExecutionException.class, large::get).getCause());
      assertEquals(7, pool.apply(() -> 7));
    }
  }

  @SuppressWarnings("InfiniteRecursion")
  private static int recurse(int depth) {
    return recurse(depth + 1) + depth;
  }

  // --- death ---

  @Test
  void aDeadWorkerFailsItsOwnTaskAndIsReplaced() throws Exception {
    try (ProcessPool pool = pool(2)) {
      long before = pool.apply(PoolContract::pid);
      TaskFuture<Integer> halted =
          pool.submit(
              () -> {
                Runtime.getRuntime().halt(7);
                return 1;
              });
      WorkerLostException lost =
          assertInstanceOf(
              WorkerLostException.class,
              assertThrows(ExecutionException.class, halted::get).getCause());
      assertEquals(7, lost.exitCode().getAsInt());
      assertEquals(halted.workerPid().getAsLong(), lost.pid());
      assertTrue(before != 0);
      assertEquals(numbers(100), pool.map(x -> x, numbers(100)));
    }
  }

  @Test
  void eachItemThatKillsItsWorkerFailsAlone() throws Exception {
    try (ProcessPool pool = pool(2)) {
      List<Future<Integer>> futures = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        int value = i;
        futures.add(
            pool.submit(
                () -> {
                  if (value % 10 == 3) {
                    Runtime.getRuntime().halt(value);
                  }
                  return value;
                }));
      }
      int failed = 0;
      for (int i = 0; i < 40; i++) {
        try {
          assertEquals(i, futures.get(i).get());
        } catch (ExecutionException e) {
          failed++;
          assertEquals(
              i, assertInstanceOf(WorkerLostException.class, e.getCause()).exitCode().getAsInt());
        }
      }
      assertEquals(4, failed);
    }
  }

  @Test
  void aKilledWorkerIsToldWithItsSignalAndItem() throws Exception {
    try (ProcessPool pool = pool(2)) {
      ProcessQueue<Long> running = Multiprocessing.queue();
      ProcessSemaphore never = new ProcessSemaphore(0);
      Thread killer =
          Thread.startVirtualThread(
              () -> {
                try {
                  assertTrue(ProcessHandle.of(running.take()).orElseThrow().destroyForcibly());
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      WorkerLostException lost =
          assertThrows(
              WorkerLostException.class,
              () ->
                  pool.map(
                      x -> {
                        if (x.equals("the bad one")) {
                          running.put(pid());
                          never.acquire();
                        }
                        return x;
                      },
                      List.of("a", "b", "the bad one", "c", "d")));
      killer.join();
      assertEquals(-9, lost.exitCode().getAsInt());
      assertTrue(lost.toString().contains("the bad one"), lost::toString);
      assertTrue(lost.toString().contains("SIGKILL"), lost::toString);
    }
  }

  @Test
  void withRetriesALostTaskRunsAgain(@TempDir Path folder) throws Exception {
    try (ProcessPool pool = builder(2).retries(1).build()) {
      String name = folder.resolve("first").toString();
      List<Integer> results =
          pool.map(
              x -> {
                if (x == 57) {
                  try {
                    Files.createFile(Path.of(name));
                    Runtime.getRuntime().halt(1); // the first time only
                  } catch (java.nio.file.FileAlreadyExistsException e) {
                    return x;
                  }
                }
                return x;
              },
              numbers(100),
              10);
      assertEquals(numbers(100), results);
      TaskFuture<Integer> always =
          pool.submit(
              () -> {
                Runtime.getRuntime().halt(2);
                return 1;
              });
      assertInstanceOf(
          WorkerLostException.class,
          assertThrows(ExecutionException.class, always::get).getCause());
    }
  }

  @Test
  void systemExitInATaskIsALostWorker() throws Exception {
    try (ProcessPool pool = pool(1)) {
      TaskFuture<Integer> exits =
          pool.submit(
              () -> {
                System.exit(9);
                return 1;
              });
      WorkerLostException lost =
          assertInstanceOf(
              WorkerLostException.class,
              assertThrows(ExecutionException.class, exits::get).getCause());
      assertEquals(9, lost.exitCode().getAsInt());
      assertEquals(3, pool.apply(() -> 3));
    }
  }

  @Test
  void aWorkerThatDiesWithAQueueLockInHandLeavesNobodyWaiting() throws Exception {
    try (ProcessPool pool = pool(2)) {
      ProcessLock lock = Multiprocessing.lock();
      TaskFuture<Integer> holder =
          pool.submit(
              () -> {
                lock.lock();
                Runtime.getRuntime().halt(1);
                return 1;
              });
      assertThrows(ExecutionException.class, holder::get);
      String told =
          pool.apply(
              () -> {
                try {
                  lock.lock();
                  return "not told";
                } catch (multiprocessing.error.OwnerDiedException e) {
                  lock.recover();
                  lock.unlock();
                  return "told";
                }
              });
      assertEquals("told", told);
    }
  }

  // --- cancelling ---

  @Test
  void cancellingARunningTaskEndsItsWorkerAndNoOtherTask() throws Exception {
    try (ProcessPool pool = pool(1)) {
      ProcessSemaphore started = new ProcessSemaphore(0);
      TaskFuture<Integer> endless =
          pool.submit(
              () -> {
                started.release();
                while (true) {
                  Thread.onSpinWait();
                }
              });
      TaskFuture<Integer> next = pool.submit(() -> 2);
      started.acquire();
      assertTrue(endless.cancel(true));
      assertThrows(CancellationException.class, endless::get);
      assertEquals(2, next.get());
    }
  }

  @Test
  void aCancelledTaskThatWaitsNeverRuns() throws Exception {
    try (ProcessPool pool = pool(1)) {
      ProcessSemaphore go = new ProcessSemaphore(0);
      ProcessQueue<Integer> ran = Multiprocessing.queue();
      List<TaskFuture<Integer>> futures = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        int value = i;
        futures.add(
            pool.submit(
                () -> {
                  go.acquire();
                  ran.put(value);
                  return value;
                }));
      }
      assertTrue(futures.get(7).cancel(false));
      go.release(10);
      for (int i = 0; i < 10; i++) {
        if (i != 7) {
          assertEquals(i, futures.get(i).get());
        }
      }
      assertFalse(ran.contains(7));
    }
  }

  @Test
  void anInterruptedMapDropsTheRest() throws Exception {
    try (ProcessPool pool = pool(1)) {
      ProcessSemaphore started = new ProcessSemaphore(0);
      ProcessSemaphore go = new ProcessSemaphore(0);
      Thread caller = Thread.currentThread();
      Thread interrupter =
          Thread.startVirtualThread(
              () -> {
                try {
                  started.acquire();
                  caller.interrupt();
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      assertThrows(
          InterruptedException.class,
          () ->
              pool.map(
                  x -> {
                    started.release();
                    go.acquire();
                    return x;
                  },
                  numbers(1000),
                  1));
      interrupter.join();
      go.release(10);
      assertEquals(4, pool.apply(() -> 4));
    }
  }

  // --- life ---

  @Test
  @Proves(185)
  void theInitializerRunsOnceInEachWorkerBeforeAnyTask() throws Exception {
    ProcessQueue<Long> initialized = Multiprocessing.queue();
    try (ProcessPool pool = builder(2).initializer(() -> initialized.put(pid())).build()) {
      Set<Long> workers = new HashSet<>(pool.map(x -> pid(), numbers(50), 1));
      pool.shutdown();
      assertTrue(pool.awaitTermination(Duration.ofDays(1)));
      List<Long> pids = new ArrayList<>();
      initialized.drainTo(pids);
      assertEquals(2, pids.size());
      assertTrue(pids.containsAll(workers));
    }
  }

  @Test
  void aFailingInitializerFailsThePool() throws Exception {
    try (ProcessPool pool =
        builder(2)
            .initializer(
                () -> {
                  throw new IOException("no licence");
                })
            .build()) {
      Exception thrown = assertThrows(Exception.class, () -> pool.submit(() -> 1).get());
      if (!(thrown instanceof ExecutionException)) { // the pool failed before the task came
        assertInstanceOf(RejectedExecutionException.class, thrown);
      }
      Throwable cause = assertInstanceOf(IOException.class, thrown.getCause());
      assertEquals("no licence", cause.getMessage());
      assertTrue(pool.awaitTermination(Duration.ofDays(1)));
      assertThrows(RejectedExecutionException.class, () -> pool.submit(() -> 1));
    }
  }

  @Test
  @Proves(110)
  void closingWaitsForWhatWasTaken() throws Exception {
    List<TaskFuture<Integer>> futures = new ArrayList<>();
    ProcessPool pool = pool(2);
    for (int i = 0; i < 100; i++) {
      int value = i;
      futures.add(pool.submit(() -> value));
    }
    pool.close();
    for (int i = 0; i < 100; i++) {
      assertEquals(i, futures.get(i).get());
    }
    assertTrue(pool.isShutdown());
    assertTrue(pool.isTerminated());
    assertThrows(RejectedExecutionException.class, () -> pool.submit(() -> 1));
    assertThrows(RejectedExecutionException.class, () -> pool.map(x -> x, numbers(3)));
    pool.close();
    pool.terminate();
  }

  @Test
  @Proves(108)
  void terminatingDropsAllWork() throws Exception {
    ProcessPool pool = pool(2);
    ProcessSemaphore never = new ProcessSemaphore(0);
    List<TaskFuture<Integer>> futures = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      futures.add(
          pool.submit(
              () -> {
                never.acquire();
                return 1;
              }));
    }
    pool.terminate();
    for (TaskFuture<Integer> future : futures) {
      assertThrows(
          Exception.class, () -> future.get(1, TimeUnit.DAYS)); // ended, by whichever exception
    }
    assertTrue(pool.isTerminated());
    pool.terminate();
    pool.close();
  }

  @Test
  void shutdownNowGivesBackWhatNeverRan() throws Exception {
    ProcessPool pool = pool(1);
    ProcessSemaphore never = new ProcessSemaphore(0);
    ProcessSemaphore started = new ProcessSemaphore(0);
    for (int i = 0; i < 10; i++) {
      TaskFuture<Integer> _ =
          pool.submit(
              () -> {
                started.release();
                never.acquire();
                return 1;
              });
    }
    started.acquire();
    assertEquals(9, pool.shutdownNow().size());
    assertTrue(pool.awaitTermination(Duration.ofDays(1)));
  }

  // --- ExecutorService ---

  @Test
  void invokeAllGivesDoneFuturesInOrder() throws Exception {
    try (ProcessPool pool = pool(2)) {
      List<SerializableCallable<Integer>> tasks = List.of(() -> 1, () -> 2, () -> 3);
      List<Integer> values = new ArrayList<>();
      for (Future<Integer> future : pool.invokeAll(tasks)) {
        assertTrue(future.isDone());
        values.add(future.get());
      }
      assertEquals(List.of(1, 2, 3), values);
    }
  }

  @Test
  void invokeAllWithATimeOutCancelsTheRest() throws Exception {
    try (ProcessPool pool = pool(2)) {
      ProcessSemaphore never = new ProcessSemaphore(0);
      SerializableCallable<Integer> endless =
          () -> {
            never.acquire();
            return 1;
          };
      List<Future<Integer>> futures =
          pool.invokeAll(List.of(endless, endless), 200, TimeUnit.MILLISECONDS);
      for (Future<Integer> future : futures) {
        assertTrue(future.isCancelled());
      }
      assertEquals(8, pool.apply(() -> 8));
    }
  }

  @Test
  void invokeAnyGivesTheFirstValue() throws Exception {
    try (ProcessPool pool = pool(2)) {
      SerializableCallable<Integer> bad =
          () -> {
            throw new IOException("bad");
          };
      SerializableCallable<Integer> good = () -> 5;
      assertEquals(5, pool.invokeAny(List.of(bad, good)));
      ExecutionException thrown =
          assertThrows(ExecutionException.class, () -> pool.invokeAny(List.of(bad, bad)));
      assertInstanceOf(IOException.class, thrown.getCause());
      assertThrows(IllegalArgumentException.class, () -> pool.invokeAny(List.of()));
      ProcessSemaphore never = new ProcessSemaphore(0);
      SerializableCallable<Integer> endless =
          () -> {
            never.acquire();
            return 1;
          };
      assertThrows(
          TimeoutException.class,
          () -> pool.invokeAny(List.of(endless), 100, TimeUnit.MILLISECONDS));
    }
  }

  @Test
  void aFunctionThatDependsOnATaskMayUseThePool() throws Exception {
    try (ProcessPool pool = pool(1)) {
      int result =
          pool.submit(() -> 20)
              .thenApply(
                  x -> {
                    try {
                      return pool.apply(() -> x + 1);
                    } catch (InterruptedException e) {
                      throw new IllegalStateException(e);
                    }
                  })
              .get();
      assertEquals(21, result);
    }
  }

  @Test
  void manyThreadsMayUseOnePool() throws Exception {
    try (ProcessPool pool = pool(2)) {
      List<Thread> threads = new ArrayList<>();
      Set<Integer> sums = Collections.synchronizedSet(new HashSet<>());
      for (int t = 0; t < 8; t++) {
        int offset = t * 1000;
        threads.add(
            Thread.startVirtualThread(
                () -> {
                  try {
                    List<Integer> results = pool.map(x -> x + offset, numbers(1000));
                    sums.add(results.stream().mapToInt(Integer::intValue).sum());
                  } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertEquals(8, sums.size());
    }
  }

  @Test
  @Proves(107)
  void badNumbersAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> ProcessPool.builder().processes(0));
    assertThrows(IllegalArgumentException.class, () -> ProcessPool.builder().retries(-1));
  }

  @Test
  void workersAreNamedAndAreDaemons() throws Exception {
    try (ProcessPool pool = pool(2)) {
      List<String> names = pool.map(x -> Multiprocessing.currentProcess().name(), numbers(20), 1);
      assertTrue(
          names.stream().allMatch(name -> name.matches(".*PoolWorker-\\d+")), names::toString);
      assertTrue(pool.apply(() -> Multiprocessing.currentProcess().daemon()));
      assertNotEquals(Multiprocessing.currentProcess().name(), names.getFirst());
      assertSame(2, pool.size());
    }
  }
}
