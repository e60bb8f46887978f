package multiprocessing.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import multiprocessing.error.ProcessException;
import multiprocessing.error.SerializationException;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.SerializableCallable;
import multiprocessing.process.SerializableFunction;
import multiprocessing.process.StartMethod;
import multiprocessing.sync.ProcessEvent;
import multiprocessing.testing.Children;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.MayOutlive;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a pool of a manager does, whatever started the processes. */
@ProcessTest
@Deadline(seconds = 60)
@MayOutlive("socket:.*") // a process keeps idle connections to the manager for later calls
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ManagedPoolContract {
  private final StartMethod method;
  private final Manager manager;
  private final ManagedPool pool;

  ManagedPoolContract(StartMethod method) {
    this.method = method;
    this.manager = Manager.builder().startMethod(method).start();
    this.pool = manager.pool(2);
  }

  @AfterAll
  void shutDown() {
    pool.close();
    assertTrue(pool.isTerminated());
    manager.shutdown();
  }

  @Test
  @Proves(239)
  void aChildUsesAPoolAndClosesIt() throws Exception {
    ManagedPool own = manager.pool(builder -> builder.processes(1).maxTasksPerChild(5));
    assertEquals(1, own.size());
    Children.run(
        method,
        () -> {
          try (own) {
            assertEquals(List.of(1, 4, 9), own.map(x -> x * x, List.of(1, 2, 3)));
          }
        });
    assertTrue(own.isTerminated());
    assertThrows(RejectedExecutionException.class, () -> own.apply(() -> 1));
  }

  @Test
  void calls() throws Exception {
    assertEquals(42, pool.apply(() -> 42));
    assertEquals("ab", pool.apply(text -> text + "b", "a"));
    assertEquals(42, pool.applyAsync(() -> 42).get());
    assertEquals(3, pool.<Integer, Integer>applyAsync(x -> x + 1, 2).get(Duration.ofSeconds(30)));
    assertEquals("x", pool.submit(() -> "x").get());
    assertEquals("y", pool.submit((Runnable & Serializable) () -> {}, "y").get());
    assertNull(pool.submit((Runnable & Serializable) () -> {}).get());
    List<SerializableCallable<Integer>> tasks = List.of(() -> 1, () -> 2, () -> 3);
    int sum = 0;
    for (Future<Integer> future : pool.invokeAll(tasks)) {
      assertEquals(Future.State.SUCCESS, future.state());
      sum += future.get();
    }
    assertEquals(6, sum);
    assertTrue(Set.of(1, 2, 3).contains(pool.<Integer>invokeAny(tasks)));
    ManagedList<String> said = manager.list();
    pool.execute(() -> said.add("done"));
    Children.await(() -> said.contains("done"));
  }

  @Test
  void maps() throws Exception {
    List<Integer> items = IntStream.range(0, 300).boxed().toList();
    List<Integer> doubled = items.stream().map(x -> 2 * x).toList();
    assertEquals(doubled, pool.map(x -> 2 * x, items));
    assertEquals(doubled, pool.map(x -> 2 * x, items, 7));
    assertEquals(doubled, pool.<Integer, Integer>mapAsync(x -> 2 * x, items).get());
    assertEquals(doubled, pool.<Integer, Integer>mapAsync(x -> 2 * x, items, 100).get());
    assertEquals(List.of(), pool.map(x -> x, List.of()));
    assertEquals(
        List.of("a1", "b2"),
        pool.starmap((text, x) -> text + x, List.of(Map.entry("a", 1), Map.entry("b", 2))));
    assertEquals(
        List.of("a1"),
        pool.<String, Integer, String>starmapAsync((text, x) -> text + x, Map.of("a", 1).entrySet())
            .get());
    assertThrows(IllegalArgumentException.class, () -> pool.map(x -> x, items, 0));
  }

  @Test
  void givesResultsOneByOne() {
    List<Integer> items = IntStream.range(0, 50).boxed().toList();
    List<Integer> doubled = items.stream().map(x -> 2 * x).toList();
    try (Stream<Integer> results = pool.imap(x -> 2 * x, items)) {
      assertEquals(doubled, results.toList());
    }
    assertEquals(doubled, pool.imap(x -> 2 * x, items, 8).toList());
    assertEquals(
        Set.copyOf(doubled), pool.imapUnordered(x -> 2 * x, items).collect(Collectors.toSet()));
    assertEquals(
        Set.copyOf(doubled), pool.imapUnordered(x -> 2 * x, items, 8).collect(Collectors.toSet()));
    try (Stream<Integer> results = pool.imap(x -> 2 * x, items, 1)) {
      assertEquals(0, results.iterator().next());
    }
  }

  @Test
  void failuresArriveAsThemselves() throws Exception {
    assertThrows(
        IOException.class,
        () ->
            pool.apply(
                () -> {
                  throw new IOException("no disk");
                }));
    ExecutionException thrown =
        assertThrows(
            ExecutionException.class,
            () -> pool.<Integer, Integer>mapAsync(x -> 1 / x, List.of(1, 0)).get());
    assertInstanceOf(ArithmeticException.class, thrown.getCause());
    assertThrows(ArithmeticException.class, () -> pool.map(x -> 1 / x, List.of(1, 0)));
    Thread cannotTravel = Thread.currentThread();
    Callable<String> task = cannotTravel::getName;
    assertThrows(SerializationException.class, () -> pool.submit(task));
    assertThrows(SerializationException.class, () -> pool.map(x -> x, List.of(cannotTravel)));
    assertThrows(SerializationException.class, () -> pool.apply(() -> Thread.currentThread()));
    assertEquals(1, pool.apply(() -> 1));
  }

  @Test
  void tasksUseWhatIsShared() throws Exception {
    ManagedMap<String, Integer> counts = manager.map();
    ManagedMap<String, Integer> same =
        pool.apply(
            () -> {
              counts.put("here", 1);
              return counts;
            });
    assertEquals(counts, same);
    ManagedFuture<List<String>> merged =
        pool.mapAsync(
            text -> {
              counts.merge(text, 1, Integer::sum);
              return text;
            },
            List.of("a", "b", "a", "a", "b", "here"));
    assertEquals(6, merged.get().size());
    assertEquals(Map.of("a", 3, "b", 2, "here", 2), Map.copyOf(counts));
    ManagedList<Object> list = manager.list();
    list.add(pool);
    assertEquals(5, ((ManagedPool) list.get(0)).<Integer>apply(() -> 5));
  }

  @Test
  void whoIsTiredOfWaitingGivesUp() throws Exception {
    ProcessEvent never = new ProcessEvent();
    ManagedFuture<Boolean> future = pool.applyAsync(() -> never.await(Duration.ofMinutes(5)));
    assertThrows(TimeoutException.class, () -> future.get(Duration.ofMillis(20)));
    assertFalse(future.await(Duration.ofMillis(1)));
    assertFalse(future.isDone());
    Thread waiting = Thread.currentThread();
    Thread interrupter =
        Thread.startVirtualThread(
            () -> {
              LockSupport.parkNanos(20_000_000); // an interrupt that comes early will do as well
              waiting.interrupt();
            });
    assertThrows(InterruptedException.class, future::get);
    interrupter.join();
    assertTrue(future.cancel(true));
    assertTrue(future.isCancelled());
    assertThrows(CancellationException.class, future::get);
    assertTrue(future.await(Duration.ZERO));
    assertEquals(1, pool.apply(() -> 1));
  }

  @Test
  void aClientThatDiesHarmsNobody() throws Exception {
    ProcessEvent begun = new ProcessEvent();
    ManagedMap<String, Integer> counts = manager.map();
    ManagedPool shared = pool;
    ChildProcess client =
        Children.start(
            method,
            () -> {
              ManagedFuture<?> _ =
                  shared.submit(
                      () -> {
                        counts.put("left", 1);
                      });
              shared.apply(
                  () -> {
                    begun.set();
                    Thread.sleep(200);
                    return 0;
                  });
            });
    begun.await();
    Children.kill(client);
    Children.await(() -> counts.containsKey("left"));
    assertEquals(List.of(2, 3), pool.map(x -> x + 1, List.of(1, 2)));
  }

  @Test
  void aServerThatDiesIsNoticedByAllWhoWaitForItsPool() throws Exception {
    ProcessEvent begun = new ProcessEvent();
    ProcessEvent never = new ProcessEvent();
    SerializableFunction<Integer, Boolean> waiting =
        _ -> {
          begun.set();
          return never.await(Duration.ofMinutes(5));
        };
    SerializableCallable<Boolean> call = () -> waiting.applyChecked(1);
    try (Manager dying = Manager.builder().startMethod(method).start()) {
      ManagedPool doomed = dying.pool(1);
      ManagedQueue<Integer> queue = dying.queue();
      ManagedFuture<Boolean> future = doomed.applyAsync(waiting, 1);
      List<Callable<?>> waits =
          List.of(
              future::get,
              () -> doomed.apply(waiting, 1),
              () -> doomed.map(waiting, List.of(1, 2)),
              () -> doomed.imap(waiting, List.of(1, 2)).toList(),
              () -> doomed.invokeAny(List.of(call)),
              () -> doomed.awaitTermination(5, TimeUnit.MINUTES),
              queue::take);
      List<FutureTask<ProcessException>> told = new ArrayList<>();
      for (Callable<?> wait : waits) {
        FutureTask<ProcessException> task =
            new FutureTask<>(() -> assertThrows(ProcessException.class, wait::call));
        told.add(task);
        Thread _ = Thread.ofPlatform().start(task);
      }
      begun.await();
      Thread.sleep(50); // for the others to wait, too
      Objects.requireNonNull(dying.process()).kill();
      for (FutureTask<ProcessException> each : told) {
        String text = String.valueOf(each.get().getMessage());
        assertTrue(text.matches(".*(is gone|cannot be reached|closed the connection).*"), text);
      }
    }
  }

  @Test
  void aPoolEndsWhenItIsTold() throws Exception {
    ManagedPool own = manager.pool(1);
    assertThrows(IllegalStateException.class, own::join);
    ManagedFuture<Integer> last = own.applyAsync(() -> 7);
    own.shutdown();
    assertTrue(own.isShutdown());
    own.join();
    assertEquals(7, last.get());
    ManagedPool other = manager.pool(1);
    ProcessEvent never = new ProcessEvent();
    ManagedFuture<Boolean> dropped = other.applyAsync(() -> never.await(Duration.ofMinutes(5)));
    assertEquals(List.of(), other.shutdownNow());
    assertTrue(other.isTerminated());
    other.terminate();
    assertTrue(dropped.isDone());
    assertThrows(IllegalArgumentException.class, () -> manager.pool(0));
  }
}
