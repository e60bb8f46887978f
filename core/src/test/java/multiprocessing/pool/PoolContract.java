package multiprocessing.pool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import multiprocessing.Multiprocessing;
import multiprocessing.error.RemoteTaskException;
import multiprocessing.error.SerializationException;
import multiprocessing.error.WorkerLostException;
import multiprocessing.process.SerializableCallable;
import multiprocessing.process.StartMethod;
import multiprocessing.queue.ProcessQueue;
import multiprocessing.sync.ProcessLock;
import multiprocessing.sync.ProcessSemaphore;
import multiprocessing.testing.Proves;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a pool does, however its workers are started. */
abstract class PoolContract extends PoolSuite {
  PoolContract(StartMethod method) {
    super(method);
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
      long before = pool.apply(PoolSuite::pid);
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
}
