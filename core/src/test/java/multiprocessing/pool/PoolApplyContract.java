package multiprocessing.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import multiprocessing.Multiprocessing;
import multiprocessing.error.TaskTimeoutException;
import multiprocessing.error.WorkerLostException;
import multiprocessing.memory.SharedValue;
import multiprocessing.process.SerializableCallable;
import multiprocessing.process.StartMethod;
import multiprocessing.queue.ProcessQueue;
import multiprocessing.sync.ProcessSemaphore;
import org.junit.jupiter.api.Test;

/**
 * Callers that wait for their call, and collect results for all meanwhile: whatever ends a call
 * wakes its caller, asleep as it may be, and nobody else's result is left lying.
 */
abstract class PoolApplyContract extends PoolSuite {
  private static final int LONG = 100; // milliseconds: nobody spins for that long

  PoolApplyContract(StartMethod method) {
    super(method);
  }

  private static int sleep(int millis) throws InterruptedException {
    Thread.sleep(millis);
    return millis;
  }

  private static int sleepAndDie(int millis) throws InterruptedException {
    Thread.sleep(millis);
    Runtime.getRuntime().halt(5);
    return millis;
  }

  @Test
  void aDeathOfTheWorkerWakesTheCaller() throws Exception {
    try (ProcessPool pool = builder(1).build()) {
      for (int millis : List.of(0, 0, LONG, 1, 0, LONG)) {
        WorkerLostException lost =
            assertThrows(WorkerLostException.class, () -> pool.apply(() -> sleepAndDie(millis)));
        assertEquals(5, lost.exitCode().orElseThrow());
        assertEquals(7, pool.apply(() -> 7));
      }
    }
  }

  @Test
  void aSignalFromOutsideWakesTheCaller() throws Exception {
    try (ProcessPool pool = builder(1).build()) {
      ProcessQueue<Long> running = Multiprocessing.queue();
      CompletableFuture<Void> killer =
          CompletableFuture.runAsync(
              () -> {
                try {
                  PoolDeathContract.signal("KILL", running.take());
                } catch (Exception e) {
                  throw new AssertionError(e);
                }
              });
      WorkerLostException lost =
          assertThrows(
              WorkerLostException.class,
              () ->
                  pool.apply(
                      () -> {
                        running.put(pid());
                        return sleep(600_000);
                      }));
      assertEquals(-9, lost.exitCode().orElseThrow());
      killer.join();
    }
  }

  @Test
  void aCallThatLosesItsWorkerRunsAgainIfWanted() throws Exception {
    try (ProcessPool pool = builder(1).retries(2).build()) {
      SharedValue.OfInt runs = SharedValue.ofInt(0);
      SerializableCallable<Integer> call =
          () -> runs.getAndAdd(1) < 2 ? sleepAndDie(LONG) : sleep(LONG);
      assertEquals(LONG, pool.apply(call));
    }
  }

  @Test
  void theCallerSeesToTimeLimits() throws Exception {
    try (ProcessPool pool = builder(1).build()) {
      ProcessPool soft =
          pool.with(TaskOptions.builder().softTimeout(Duration.ofMillis(LONG)).build());
      TaskTimeoutException interrupted =
          assertThrows(TaskTimeoutException.class, () -> soft.apply(() -> sleep(600_000)));
      assertInstanceOf(InterruptedException.class, interrupted.getCause());
      ProcessPool hard =
          pool.with(TaskOptions.builder().hardTimeout(Duration.ofMillis(LONG)).build());
      TaskTimeoutException killed =
          assertThrows(TaskTimeoutException.class, () -> hard.apply(() -> sleep(600_000)));
      assertTrue(killed.threadDump().contains("sleep"), killed::toString);
      assertEquals(8, pool.apply(() -> 8));
    }
  }

  /** Runs something in a thread that is to end before the test does. */
  private static CompletableFuture<Throwable> inThread(ThreadFactory factory, Body body) {
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    factory
        .newThread(
            () -> {
              try {
                body.run();
                end.complete(new AssertionError("it threw nothing"));
              } catch (Throwable thrown) {
                end.complete(thrown);
              }
            })
        .start();
    return end;
  }

  private interface Body {
    void run() throws Exception;
  }

  @Test
  void anInterruptedCallerLeavesAndItsTaskIsStopped() throws Exception {
    try (ProcessPool pool = builder(1).build()) {
      for (ThreadFactory factory :
          List.of(Thread.ofPlatform().factory(), Thread.ofVirtual().factory())) {
        ProcessSemaphore started = new ProcessSemaphore(0);
        List<Thread> threads = new ArrayList<>();
        CompletableFuture<Throwable> end =
            inThread(
                runnable -> {
                  threads.add(factory.newThread(runnable));
                  return threads.getFirst();
                },
                () -> {
                  int _ =
                      pool.apply(
                          () -> {
                            started.release();
                            return sleep(600_000);
                          });
                });
        started.acquire();
        threads.getFirst().interrupt();
        assertInstanceOf(InterruptedException.class, end.join());
        assertEquals(9, pool.apply(() -> 9));
      }
    }
  }

  @Test
  void theEndOfThePoolWakesTheCaller() throws Exception {
    for (ThreadFactory factory :
        List.of(Thread.ofPlatform().factory(), Thread.ofVirtual().factory())) {
      ProcessPool pool = builder(1).build();
      ProcessSemaphore started = new ProcessSemaphore(0);
      CompletableFuture<Throwable> end =
          inThread(
              factory,
              () -> {
                int _ =
                    pool.apply(
                        () -> {
                          started.release();
                          return sleep(600_000);
                        });
              });
      started.acquire();
      pool.terminate();
      assertInstanceOf(CancellationException.class, end.join());
    }
  }

  @Test
  void theCallersTaskMayBeTheLastOfThePool() throws Exception {
    ProcessPool pool = builder(1).build();
    ProcessSemaphore started = new ProcessSemaphore(0);
    CompletableFuture<Throwable> end =
        inThread(
            Thread.ofPlatform().factory(),
            () -> {
              int slept =
                  pool.apply(
                      () -> {
                        started.release();
                        return sleep(LONG);
                      });
              throw new CancellationException("" + slept);
            });
    started.acquire();
    pool.close();
    assertEquals("" + LONG, end.join().getMessage());
    assertTrue(pool.isTerminated());
  }

  @Test
  void resultsOfOthersComeWhileACallerSleeps() throws Exception {
    try (ProcessPool pool = builder(2).build()) {
      ProcessSemaphore go = new ProcessSemaphore(0);
      ProcessSemaphore started = new ProcessSemaphore(0);
      CompletableFuture<Throwable> sleeper =
          inThread(
              Thread.ofPlatform().factory(),
              () -> {
                boolean _ =
                    pool.apply(
                        () -> {
                          started.release();
                          go.acquire();
                          return true;
                        });
                throw new CancellationException();
              });
      started.acquire();
      for (int i = 0; i < 200; i++) {
        int x = i;
        assertEquals(x, pool.apply(() -> x)); // by no helper: the one there is sleeps
        assertEquals(-x, pool.submit(() -> -x).get());
      }
      assertEquals(numbers(50), pool.map(x -> x, numbers(50), 1));
      go.release();
      assertInstanceOf(CancellationException.class, sleeper.join());
    }
  }

  @Test
  void manyCallersOfAllKindsGetTheirOwnResults() throws Exception {
    try (ProcessPool pool = builder(2).build()) {
      CountDownLatch go = new CountDownLatch(1);
      List<CompletableFuture<Throwable>> ends = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        int base = i * 1000;
        boolean async = i % 3 == 2;
        ThreadFactory factory =
            i % 2 == 0 ? Thread.ofPlatform().factory() : Thread.ofVirtual().factory();
        ends.add(
            inThread(
                factory,
                () -> {
                  go.await();
                  for (int k = 0; k < 300; k++) {
                    int x = base + k;
                    int pause = k % 50 == 49 ? 2 : 0;
                    SerializableCallable<Integer> task = () -> x + 0 * sleep(pause);
                    assertEquals(x, async ? pool.submit(task).get() : pool.apply(task));
                  }
                  throw new CancellationException();
                }));
      }
      go.countDown();
      for (CompletableFuture<Throwable> end : ends) {
        assertInstanceOf(CancellationException.class, end.join());
      }
    }
  }
}
