package multiprocessing.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import multiprocessing.Multiprocessing;
import multiprocessing.error.RemoteTaskException;
import multiprocessing.error.SerializationException;
import multiprocessing.process.SerializableCallable;
import multiprocessing.process.SerializableFunction;
import multiprocessing.process.StartMethod;
import multiprocessing.queue.ProcessQueue;
import multiprocessing.sync.ProcessSemaphore;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The methods of a pool by which work is given to it; all with one pool of two workers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class PoolMethodsContract extends PoolSuite {
  private ProcessPool pool;

  PoolMethodsContract(StartMethod method) {
    super(method);
  }

  @BeforeAll
  void open() {
    pool = pool(2);
  }

  @AfterAll
  void close() {
    pool.close();
  }

  /** None of what is tested here costs a worker. */
  @AfterEach
  void allWorkersLive() {
    assertEquals(0, pool.insights().workersLost(), () -> pool.insights().toString());
  }

  private static List<Integer> squares(int count) {
    return numbers(count).stream().map(x -> x * x).toList();
  }

  /** Items of which the one at {@code bad} cannot be had. */
  private static Iterable<Integer> failingAt(int bad) {
    return () -> numbers(bad + 10).stream().peek(x -> check(x, bad)).iterator();
  }

  private static void check(int x, int bad) {
    if (x == bad) {
      throw new NoSuchElementException("no item " + x);
    }
  }

  // --- apply ---

  @Test
  @Proves({92, 112})
  void applyGivesTheValueOrTheExceptionItself() throws Exception {
    assertEquals(49, pool.apply(() -> 7 * 7));
    assertEquals("5!", pool.apply(x -> x + "!", 5));
    IllegalStateException thrown =
        assertThrows(
            IllegalStateException.class,
            () ->
                pool.apply(
                    (SerializableCallable<Integer>)
                        () -> {
                          throw new IllegalStateException("as it is");
                        }));
    assertEquals("as it is", thrown.getMessage());
  }

  @Test
  @Proves({101, 102})
  void aFutureWaitsAndTimesOut() throws Exception {
    ProcessSemaphore started = new ProcessSemaphore(0);
    ProcessSemaphore go = new ProcessSemaphore(0);
    TaskFuture<Integer> future =
        pool.applyAsync(
            () -> {
              started.release();
              go.acquire();
              return 3;
            });
    started.acquire();
    assertThrows(TimeoutException.class, () -> future.get(Duration.ofMillis(50)));
    assertFalse(future.await(Duration.ofMillis(10)));
    assertThrows(IllegalStateException.class, future::isSuccessful);
    go.release();
    assertEquals(3, future.get(Duration.ofDays(1)));
    assertTrue(future.await(Duration.ZERO));
    assertTrue(future.isSuccessful());
    assertTrue(future.runTime().compareTo(Duration.ofMillis(50)) > 0, future.runTime()::toString);
    assertFalse(future.startedAt().orElseThrow().isBefore(future.submittedAt()));
    assertTrue(future.workerName().orElseThrow().contains("PoolWorker"));
  }

  @Test
  @Proves({97, 117})
  void callbacksAreCalledOnceWithTheOutcome() throws Exception {
    BlockingQueue<Object> called = new LinkedBlockingQueue<>();
    TaskFuture<List<Integer>> _ = pool.mapAsync(x -> x * x, numbers(10), called::add, called::add);
    assertEquals(squares(10), called.take());
    TaskFuture<List<Integer>> failing =
        pool.mapAsync(x -> 10 / x, numbers(10), called::add, called::add);
    assertInstanceOf(ArithmeticException.class, called.take());
    assertInstanceOf(
        ArithmeticException.class, assertThrows(ExecutionException.class, failing::get).getCause());
    TaskFuture<Integer> _ = pool.applyAsync(() -> 4, called::add, called::add);
    assertEquals(4, called.take());
    TaskFuture<Integer> lost =
        pool.applyAsync(
            (SerializableCallable<Integer>)
                () -> {
                  throw new NoSuchElementException("key");
                },
            called::add,
            called::add);
    assertInstanceOf(NoSuchElementException.class, called.take());
    assertFalse(lost.isSuccessful());
    assertTrue(called.isEmpty());
  }

  // --- map ---

  @Test
  @Proves({93, 96, 99, 109})
  void mapsKeepTheOrderAndTakeNothingToo() throws Exception {
    assertEquals(squares(100), pool.map(x -> x * x, numbers(100)));
    assertEquals(squares(100), pool.map(x -> x * x, numbers(100), 20));
    assertEquals(squares(100), pool.mapAsync(x -> x * x, numbers(100)).get());
    assertEquals(squares(100), pool.mapAsync(x -> x * x, numbers(100), 7).get());
    assertEquals(List.of(), pool.mapAsync(x -> x, List.of(), 1).get(Duration.ofSeconds(50)));
    assertEquals(List.of(), pool.mapAsync(x -> x, List.of()).get());
    assertEquals(List.of(), pool.map(x -> x, List.of()));
    assertEquals(List.of(), pool.imap(x -> x, List.of()).toList());
    assertEquals(List.of(), pool.imapUnordered(x -> x, List.of()).toList());
    assertThrows(IllegalArgumentException.class, () -> pool.mapAsync(x -> x, numbers(3), 0));
    assertThrows(IllegalArgumentException.class, () -> pool.imap(x -> x, numbers(3), -1));
  }

  @Test
  @Proves({94, 95})
  void starmapSpreadsPairs() throws Exception {
    List<Map.Entry<Integer, Integer>> pairs =
        numbers(50).stream().map(x -> Map.entry(x, x + 1)).toList();
    List<Integer> expected = numbers(50).stream().map(x -> x * (x + 1)).toList();
    assertEquals(expected, pool.starmap((a, b) -> a * b, pairs));
    assertEquals(expected, pool.starmap((a, b) -> a * b, pairs, 4));
    assertEquals(expected, pool.starmapAsync((a, b) -> a * b, pairs).get());
    assertEquals(expected, pool.starmapAsync((a, b) -> a * b, pairs, 3).get());
    assertEquals(List.of("a=1"), pool.starmap((a, b) -> a + "=" + b, Map.of("a", 1).entrySet()));
  }

  @Test
  @Proves(98)
  void anItemThatCannotTravelFailsTheMap() throws Exception {
    Thread thread = Thread.currentThread();
    assertThrows(SerializationException.class, () -> pool.map(x -> 1, List.of(1, thread, 2)));
    assertInstanceOf(
        SerializationException.class,
        assertThrows(
                ExecutionException.class, () -> pool.mapAsync(x -> 1, List.of(thread), 1).get())
            .getCause());
    assertThrows(
        SerializationException.class, () -> pool.imap(x -> 1, List.of(1, thread)).toList());
    assertEquals(2, pool.apply(() -> 2));
  }

  @Test
  @Proves(100)
  void anExceptionOfTheItemsIsThatOfTheMap() throws Exception {
    for (int i = 0; i < 2; i++) {
      assertThrows(NoSuchElementException.class, () -> pool.map(x -> x, failingAt(0)));
      assertThrows(NoSuchElementException.class, () -> pool.map(x -> x, failingAt(5), 2));
      assertThrows(NoSuchElementException.class, () -> pool.mapAsync(x -> x, failingAt(5)));
    }
    assertEquals(squares(5), pool.map(x -> x * x, numbers(5)));
  }

  @Test
  @Proves(111)
  void aRemoteStackIsTheLastCauseAndALocalOneHasNone() {
    ArithmeticException thrown =
        assertThrows(ArithmeticException.class, () -> pool.map(x -> 1 / x, List.of(1, 0)));
    RemoteTaskException remote = assertInstanceOf(RemoteTaskException.class, thrown.getCause());
    assertTrue(remote.remoteStackTrace().contains("PoolMethodsContract.java"), remote::toString);
    assertNull(
        assertThrows(NoSuchElementException.class, () -> pool.imap(x -> x, failingAt(1)).toList())
            .getCause());
  }

  @Test
  @Proves(113)
  void mapRunsAllItemsThoughOneHasFailed() throws Exception {
    ProcessQueue<Integer> ran = Multiprocessing.queue();
    String big = "x".repeat(1 << 20);
    IllegalStateException thrown =
        assertThrows(
            IllegalStateException.class,
            () ->
                pool.map(
                    x -> {
                      ran.put(x);
                      if (x == 1 || x == 4) {
                        throw new IllegalStateException(x + big);
                      }
                      return x;
                    },
                    numbers(6),
                    1));
    assertTrue(thrown.toString().contains(": 1x"));
    assertEquals(6, ran.size());
  }

  @Test
  void cancellingAMapDropsItsRest() throws Exception {
    ProcessSemaphore started = new ProcessSemaphore(0);
    ProcessSemaphore go = new ProcessSemaphore(0);
    TaskFuture<List<Integer>> future =
        pool.mapAsync(
            x -> {
              started.release();
              go.acquire();
              return x;
            },
            numbers(1000),
            1);
    started.acquire();
    assertTrue(future.cancel(false));
    go.release(10);
    assertEquals(6, pool.apply(() -> 6));
    assertTrue(future.isCancelled());
  }

  // --- streams ---

  @Test
  @Proves(103)
  void imapGivesResultsInOrderOneByOne() {
    for (int chunk : new int[] {0, 1, 100}) {
      Stream<Integer> stream =
          chunk == 0
              ? pool.imap(x -> x * x, numbers(1000))
              : pool.imap(x -> x * x, numbers(1000), chunk);
      Iterator<Integer> results = stream.iterator();
      for (int i = 0; i < 1000; i++) {
        assertEquals(i * i, results.next());
      }
      assertFalse(results.hasNext());
      assertThrows(NoSuchElementException.class, results::next);
    }
    assertEquals(squares(10), pool.imap(x -> x * x, numbers(10).stream()).toList());
  }

  @Test
  @Proves(105)
  void imapUnorderedGivesEachResultOnce() {
    assertEquals(
        new HashSet<>(squares(1000)),
        new HashSet<>(pool.imapUnordered(x -> x * x, numbers(1000)).toList()));
    List<Integer> results = pool.imapUnordered(x -> x * x, numbers(1000), 53).toList();
    assertEquals(1000, results.size());
    assertEquals(new HashSet<>(squares(1000)), new HashSet<>(results));
    assertEquals(10, pool.imapUnordered(x -> x, numbers(10).stream()).mapToInt(x -> 1).sum());
  }

  @Test
  @Proves({104, 106})
  void aSourceThatFailsDoesSoBehindTheResultsOfWhatItGave() {
    for (int bad : new int[] {0, 1, 20}) {
      Iterator<Integer> ordered = pool.imap(x -> x, failingAt(bad)).iterator();
      for (int i = 0; i < bad; i++) {
        assertEquals(i, ordered.next());
      }
      assertThrows(NoSuchElementException.class, ordered::next);
      assertFalse(ordered.hasNext());
      Set<Integer> seen = new HashSet<>();
      Iterator<Integer> any = pool.imapUnordered(x -> x, failingAt(bad), 3).iterator();
      assertThrows(
          NoSuchElementException.class,
          () -> {
            while (true) {
              assertTrue(seen.add(any.next()));
            }
          });
      assertEquals(new HashSet<>(numbers(bad)), seen);
    }
  }

  @Test
  void aStreamGoesOnBehindAnItemThatFailed() {
    Iterator<Integer> results = pool.imap(x -> 6 / x, List.of(1, 0, 3), 1).iterator();
    assertEquals(6, results.next());
    assertThrows(ArithmeticException.class, results::next);
    assertEquals(2, results.next());
    assertFalse(results.hasNext());
  }

  @Test
  void anEndlessSourceIsReadNoFurtherThanTheWindow() throws Exception {
    BlockingQueue<Integer> read = new LinkedBlockingQueue<>();
    Stream<Integer> endless = Stream.iterate(0, x -> x + 1).peek(read::add);
    try (Stream<Integer> results = pool.imap(x -> 2 * x, endless)) {
      assertEquals(numbers(100).stream().map(x -> 2 * x).toList(), results.limit(100).toList());
    }
    assertEquals(7, pool.apply(() -> 7)); // the workers are free again
    assertTrue(read.size() < 1_000_000, () -> "read " + read.size());
  }

  @Test
  void itemsOfASlowSourceDoNotWaitForOthers() throws Exception {
    BlockingQueue<Integer> items = new LinkedBlockingQueue<>();
    Iterable<Integer> source =
        () -> Stream.generate(() -> take(items)).takeWhile(x -> x >= 0).iterator();
    Iterator<Integer> results = pool.imap(x -> x * 3, source).iterator();
    for (int i = 0; i < 20; i++) {
      items.put(i);
      assertEquals(i * 3, results.next()); // would wait for ever for a chunk to be full
    }
    items.put(-1);
    assertFalse(results.hasNext());
  }

  private static int take(BlockingQueue<Integer> items) {
    try {
      return items.take();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void forEachRunsForEachItem() throws Exception {
    ProcessQueue<Integer> ran = Multiprocessing.queue();
    pool.forEach(ran::put, numbers(200));
    List<Integer> all = new ArrayList<>();
    ran.drainTo(all);
    assertEquals(new HashSet<>(numbers(200)), new HashSet<>(all));
    assertEquals(200, all.size());
    assertThrows(
        ArithmeticException.class,
        () ->
            pool.forEach(
                x -> {
                  if (x == 3) {
                    throw new ArithmeticException("three");
                  }
                },
                numbers(10)));
  }

  @Test
  void aGathererMapsInTheWorkers() {
    SerializableFunction<Integer, Integer> square = x -> x * x;
    assertEquals(squares(500), numbers(500).stream().gather(pool.mapConcurrent(square)).toList());
    assertEquals(
        squares(3),
        Stream.iterate(0, x -> x + 1).gather(pool.mapConcurrent(square)).limit(3).toList());
    assertThrows(
        ArithmeticException.class,
        () -> Stream.of(1, 0).gather(pool.<Integer, Integer>mapConcurrent(x -> 1 / x)).toList());
    assertEquals(List.of(), Stream.<Integer>of().gather(pool.mapConcurrent(square)).toList());
  }

  @Test
  void tasksOfAHigherPriorityGoFirst() throws Exception {
    try (ProcessPool single = pool(1)) {
      ProcessQueue<String> order = Multiprocessing.queue();
      ProcessSemaphore go = new ProcessSemaphore(0);
      for (int i = 0; i < 2; i++) { // one runs, one is with the worker already
        TaskFuture<?> _ = single.submit(() -> go.acquire());
      }
      List<TaskFuture<?>> all = new ArrayList<>();
      for (int priority : new int[] {0, -1, 5, 0}) {
        ProcessPool view = single.with(TaskOptions.builder().priority(priority).build());
        all.add(view.submit(() -> order.put("" + priority)));
      }
      go.release(2);
      for (TaskFuture<?> each : all) {
        assertNull(each.get());
      }
      List<String> ran = new ArrayList<>();
      order.drainTo(ran);
      assertEquals(List.of("5", "0", "0", "-1"), ran);
    }
  }

  @Test
  @Proves({107, 110, 115})
  void aClosedPoolTakesNothing() throws Exception {
    assertThrows(IllegalArgumentException.class, () -> Multiprocessing.pool(-1));
    assertThrows(IllegalArgumentException.class, () -> Multiprocessing.pool(0));
    ProcessPool closed = pool(1);
    assertThrows(IllegalStateException.class, closed::join);
    try (closed) {
      assertEquals(1, closed.insights().workers().size());
      assertEquals(squares(10), closed.mapAsync(x -> x * x, numbers(10)).get());
    }
    closed.join();
    assertThrows(RejectedExecutionException.class, () -> closed.mapAsync(x -> x, numbers(2)));
    assertThrows(RejectedExecutionException.class, () -> closed.imap(x -> x, numbers(2)).toList());
    assertThrows(RejectedExecutionException.class, () -> closed.apply(() -> 1));
    assertSame(1, closed.size());
  }

  @Test
  void closingAPoolEndsStreamsThatAreNotReadToTheirEnd() {
    ProcessPool closed = pool(1);
    Iterator<Integer> results = closed.imap(x -> x, Stream.iterate(0, x -> x + 1)).iterator();
    assertEquals(0, results.next());
    closed.close(); // would wait for ever for this very thread
    assertThrows(
        java.util.concurrent.CancellationException.class,
        () -> {
          while (true) {
            Integer _ = results.next();
          }
        });
  }
}
