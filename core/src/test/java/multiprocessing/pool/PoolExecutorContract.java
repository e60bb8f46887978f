package multiprocessing.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import multiprocessing.Multiprocessing;
import multiprocessing.process.SerializableCallable;
import multiprocessing.process.StartMethod;
import multiprocessing.queue.ProcessQueue;
import multiprocessing.sync.ProcessSemaphore;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;

/** What a pool does as an executor: cancelling, ending, and the calls of that interface. */
abstract class PoolExecutorContract extends PoolSuite {
  PoolExecutorContract(StartMethod method) {
    super(method);
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
