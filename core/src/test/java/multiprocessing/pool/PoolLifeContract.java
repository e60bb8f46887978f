package multiprocessing.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import multiprocessing.Multiprocessing;
import multiprocessing.error.ProcessException;
import multiprocessing.error.SerializationException;
import multiprocessing.error.WorkerLostException;
import multiprocessing.process.ProcessOptions;
import multiprocessing.process.SerializableCallable;
import multiprocessing.process.StartMethod;
import multiprocessing.queue.ProcessQueue;
import multiprocessing.sync.ProcessSemaphore;
import multiprocessing.testing.Children;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The life of the workers of a pool, and what they have in common. */
abstract class PoolLifeContract extends PoolSuite {
  PoolLifeContract(StartMethod method) {
    super(method);
  }

  // --- replacement ---

  @Test
  @Proves(119)
  void workersAreReplacedAfterTheirShareOfTasks() throws Exception {
    try (ProcessPool pool = builder(2).maxTasksPerChild(10).build()) {
      List<Long> pids = pool.map(x -> pid(), numbers(40), 1);
      assertEquals(40, pids.size());
      for (long each : new HashSet<>(pids)) {
        assertTrue(pids.stream().filter(pid -> pid == each).count() <= 10, pids::toString);
      }
      assertTrue(new HashSet<>(pids).size() >= 4, pids::toString);
      Children.await(() -> pool.insights().ended().size() >= 3);
      PoolInsights insights = pool.insights();
      assertTrue(insights.ended().getLast().reason().contains("10 tasks"), insights::toString);
      assertEquals(0, insights.workersLost());
      assertEquals(numbers(5), pool.map(x -> x, numbers(5))); // chunks of one by themselves
    }
  }

  @Test
  @Proves(120)
  void closingEarlyLosesNothingOfWorkersThatLive() throws Exception {
    List<TaskFuture<Integer>> futures = new ArrayList<>();
    ProcessPool pool = builder(2).maxTasksPerChild(1).build();
    for (int i = 0; i < 6; i++) {
      int value = i;
      futures.add(pool.submit(() -> value));
    }
    pool.shutdown();
    pool.join();
    for (int i = 0; i < 6; i++) {
      assertEquals(i, futures.get(i).get());
    }
  }

  @Test
  @Proves(121)
  void senselessNumbersAreRefused() {
    ProcessPool.Builder builder = ProcessPool.builder();
    assertThrows(IllegalArgumentException.class, () -> builder.maxTasksPerChild(0));
    assertThrows(IllegalArgumentException.class, () -> builder.maxTasksPerChild(-1));
    assertThrows(IllegalArgumentException.class, () -> builder.maxMemoryPerChild(0));
    assertThrows(IllegalArgumentException.class, () -> builder.processes(2, 1));
    assertThrows(IllegalArgumentException.class, () -> builder.spares(-1));
    assertThrows(IllegalArgumentException.class, () -> builder.window(0));
    assertThrows(IllegalArgumentException.class, () -> builder.taskTimeout(Duration.ZERO, null));
  }

  @Test
  void aWorkerThatHasTooMuchMemoryIsReplaced() throws Exception {
    try (ProcessPool pool = builder(1).maxMemoryPerChild(400 << 20).build()) {
      long first =
          pool.apply(
              () -> {
                Arena.global().allocate(450 << 20).fill((byte) 1);
                return pid();
              });
      Children.await(() -> !pool.insights().ended().isEmpty());
      assertNotEquals(first, pool.apply(PoolSuite::pid));
      PoolInsights.WorkerEnd end = pool.insights().ended().getFirst();
      assertEquals(first, end.pid());
      assertTrue(end.reason().contains("memory"), end::reason);
      assertEquals(0, end.exitCode().getAsInt());
    }
  }

  @Test
  void aSpareTakesThePlaceOfALostWorker() throws Exception {
    try (ProcessPool pool = builder(1).spares(1).build()) {
      Children.await(() -> states(pool).contains(PoolInsights.State.SPARE));
      long spare =
          pool.insights().workers().stream()
              .filter(worker -> worker.state() == PoolInsights.State.SPARE)
              .findFirst()
              .orElseThrow()
              .pid();
      assertNotEquals(spare, pool.apply(PoolSuite::pid));
      TaskFuture<?> _ = pool.submit(() -> Runtime.getRuntime().halt(1));
      assertEquals(spare, pool.apply(PoolSuite::pid));
    }
  }

  private static Set<PoolInsights.State> states(ProcessPool pool) {
    Set<PoolInsights.State> states = new HashSet<>();
    pool.insights().workers().forEach(worker -> states.add(worker.state()));
    return states;
  }

  @Test
  void thePoolGrowsWithItsWorkAndShrinksWithoutIt() throws Exception {
    try (ProcessPool pool = builder(1).processes(1, 2).idleTime(Duration.ofMillis(100)).build()) {
      ProcessSemaphore arrived = new ProcessSemaphore(0);
      ProcessSemaphore go = new ProcessSemaphore(0);
      for (int i = 0; i < 4; i++) {
        TaskFuture<?> _ =
            pool.submit(
                () -> {
                  arrived.release();
                  go.acquire();
                });
      }
      arrived.acquire();
      arrived.acquire(); // two run at the same time
      assertEquals(2, pool.size());
      go.release(4);
      Children.await(() -> pool.insights().workers().size() == 1);
      assertEquals(1, pool.size());
      assertEquals(3, pool.apply(() -> 3));
    }
  }

  @Test
  void aPoolThatLosesTooManyWorkersGivesUp() throws Exception {
    try (ProcessPool pool = builder(1).restartBudget(0).build()) {
      TaskFuture<?> fatal = pool.submit(() -> Runtime.getRuntime().halt(4));
      TaskFuture<Integer> next = pool.submit(() -> 1);
      assertInstanceOf(
          WorkerLostException.class, assertThrows(ExecutionException.class, fatal::get).getCause());
      assertInstanceOf(
          ProcessException.class, assertThrows(ExecutionException.class, next::get).getCause());
    }
  }

  // --- begin and end ---

  @Test
  void theExitHookRunsInEachWorkerThatLeaves() throws Exception {
    ProcessQueue<Long> left = Multiprocessing.queue();
    Set<Long> pids;
    try (ProcessPool pool = builder(2).exitHook(() -> left.put(pid())).build()) {
      pids = new HashSet<>(pool.map(x -> pid(), numbers(50), 1));
    }
    List<Long> told = new ArrayList<>();
    left.drainTo(told);
    assertTrue(told.containsAll(pids));
    assertEquals(2, told.size());
  }

  @Test
  void aWorkerLocalIsMadeOnceInEachWorker() throws Exception {
    ProcessQueue<Long> made = Multiprocessing.queue();
    WorkerLocal<AtomicInteger> counter =
        WorkerLocal.of(
            () -> {
              made.put(pid());
              return new AtomicInteger();
            });
    try (ProcessPool pool = builder(2).build()) {
      List<Integer> counts = pool.map(x -> counter.get().incrementAndGet(), numbers(100), 3);
      List<Long> makers = new ArrayList<>();
      made.drainTo(makers);
      assertEquals(makers.size(), new HashSet<>(makers).size());
      assertEquals(makers.size(), counts.stream().filter(count -> count == 1).count());
    }
  }

  /** What can be serialized twice. */
  static final class Bomb implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final AtomicInteger WRITTEN = new AtomicInteger();

    private void writeObject(ObjectOutputStream out) throws IOException {
      if (WRITTEN.incrementAndGet() >= 3) { // it may be tried again
        throw new IOException("enough");
      }
      out.defaultWriteObject();
    }
  }

  @Test
  @Proves(231)
  void ifAWorkerCannotBeStartedNoneIsLeft() {
    if (method() == StartMethod.FORK) {
      assertThrows(
          ProcessException.class,
          () -> builder(4).options(ProcessOptions.builder().heapLimit(1 << 28).build()).build());
      return;
    }
    Bomb.WRITTEN.set(0);
    Bomb bomb = new Bomb();
    assertThrows(
        SerializationException.class,
        () -> builder(4).initializer(() -> assertTrue(bomb != null)).build());
  }

  @Test
  @Proves(116)
  void aPoolThatIsForgottenEnds() throws Exception {
    WeakReference<ProcessPool> forgotten = new WeakReference<>(usedPool());
    Children.await(
        () -> {
          System.gc();
          return forgotten.refersTo(null) && Multiprocessing.activeChildren().isEmpty();
        });
  }

  private ProcessPool usedPool() throws InterruptedException {
    ProcessPool pool = builder(1).build();
    assertEquals(1, pool.apply(() -> 1));
    return pool;
  }

  @Test
  @Proves(114)
  void aPoolKeepsNoArgumentsNorResults() throws Exception {
    try (ProcessPool pool = builder(1).build()) {
      List<WeakReference<Object>> references = new ArrayList<>();
      List<int[]> items = new ArrayList<>(List.of(new int[] {1}, new int[] {2}));
      items.forEach(item -> references.add(new WeakReference<>(item)));
      List<int[]> results = pool.map(x -> x, items);
      results.forEach(result -> references.add(new WeakReference<>(result)));
      items.clear();
      results.clear();
      Children.await(
          () -> {
            System.gc();
            return references.stream().allMatch(each -> each.refersTo(null));
          });
      assertEquals(1, pool.apply(() -> 1));
    }
  }

  // --- nested ---

  @Test
  @Proves(187)
  void aTaskMayHaveAPoolOfItsOwn() throws Exception {
    StartMethod same = method();
    try (ProcessPool pool = builder(1).maxDepth(2).build()) {
      assertEquals(
          List.of(1, 4, 9),
          pool.apply(
              () -> {
                try (ProcessPool inner = Multiprocessing.context(same).pool(1)) {
                  IllegalStateException refused =
                      assertThrows(
                          IllegalStateException.class,
                          () ->
                              inner.apply(
                                  () -> Multiprocessing.context(same).pool(1).apply(() -> 1)));
                  assertTrue(refused.toString().contains("maxDepth"));
                  return inner.map(x -> x * x, List.of(1, 2, 3));
                }
              }));
    }
  }

  @Test
  @Tag("stress")
  @Deadline(seconds = 600)
  @Proves(257)
  void aLargePoolWorks() throws Exception {
    try (ProcessPool pool = builder(method() == StartMethod.SPAWN ? 50 : 200).build()) {
      assertEquals(numbers(1000), pool.map(x -> x, numbers(1000), 1));
    }
  }

  @Test
  void theTreeHasABoundIfWanted() {
    assertThrows(IllegalStateException.class, () -> builder(3).maxProcesses(3).build());
  }

  // --- shared data, output, insights ---

  @Test
  void sharedConstantsAreReadByAllWorkers() throws Exception {
    try (ProcessPool pool = builder(2).build();
        Arena arena = Arena.ofConfined()) {
      double[] table = new double[300_000];
      for (int i = 0; i < table.length; i++) {
        table[i] = i / 2.0;
      }
      SharedConstant<double[]> shared = pool.share(table);
      assertEquals(
          List.of(0.0, 50.0, 149_999.5),
          pool.map(i -> shared.get()[i], List.of(0, 100, 299_999), 1));
      MemorySegment bytes = arena.allocate(1000);
      bytes.set(ValueLayout.JAVA_BYTE, 999, (byte) 42);
      SharedConstant<MemorySegment> segment = pool.share(bytes);
      assertEquals(
          (byte) 42, pool.apply(() -> segment.get().get(ValueLayout.JAVA_BYTE, 999)).byteValue());
      assertTrue(pool.apply(() -> segment.get().isReadOnly()));
      SharedConstant<ByteBuffer> buffer = pool.share(ByteBuffer.wrap(new byte[] {1, 2, 3}));
      assertEquals((byte) 3, pool.apply(() -> buffer.get().get(2)).byteValue());
      SharedConstant<List<String>> list = pool.share(List.of("a", "b"));
      assertTrue(
          pool.apply(
              () -> {
                List<String> first = list.get();
                return first == list.get() && first.equals(List.of("a", "b"));
              }));
    }
  }

  @Test
  @SuppressWarnings("try") // what is printed is looked at when all is over
  void linesOfWorkersCarryTheirNameIfWanted(@TempDir Path folder) throws Exception {
    Path out = folder.resolve("out");
    ProcessOptions options =
        ProcessOptions.builder().stdout(ProcessBuilder.Redirect.to(out.toFile())).build();
    String name;
    try (ProcessPool pool = builder(1).namedOutput(true).options(options).build()) {
      name =
          pool.apply(
              () -> {
                System.out.println("first");
                System.out.print("sec");
                System.out.print("ond\nthird, unfinished");
                return Multiprocessing.currentProcess().name();
              });
    }
    assertEquals(
        List.of(
            "[" + name + "] first", "[" + name + "] second", "[" + name + "] third, unfinished"),
        Files.readAllLines(out));
  }

  @Test
  void insightsTellOfWorkersAndTasks() throws Exception {
    try (ProcessPool pool = builder(1).build()) {
      ProcessPool named = pool.with(TaskOptions.builder().name("the slow one").build());
      assertEquals(
          1,
          named.apply(
              () -> {
                Thread.sleep(30);
                return 1;
              }));
      assertEquals(numbers(3), pool.map(x -> x, numbers(3), 1));
      Children.await(() -> pool.insights().tasksDone() == 4);
      PoolInsights insights = pool.insights();
      PoolInsights.WorkerInsight worker = insights.workers().getFirst();
      assertEquals(4, worker.tasks());
      assertTrue(worker.working().compareTo(Duration.ofMillis(29)) > 0, worker::toString);
      assertFalse(worker.startUp().isZero());
      assertTrue(insights.slowest().getFirst().task().contains("the slow one"));
      assertEquals(0, insights.tasksWaiting());
    }
  }

  @Test
  void aListenerHearsOfMapsAndStreams() throws Exception {
    BlockingQueue<ProgressListener.Progress> heard = new LinkedBlockingQueue<>();
    try (ProcessPool pool = builder(1).progress(heard::add).build()) {
      assertEquals(numbers(20), pool.map(x -> x, numbers(20)));
      ProgressListener.Progress map = last(heard);
      assertEquals(20, map.total().getAsLong());
      assertEquals(20, map.done());
      assertEquals(5, pool.imap(x -> x, numbers(5)).count());
      ProgressListener.Progress stream = last(heard);
      assertTrue(stream.total().isEmpty());
      assertEquals(5, stream.done());
    }
  }

  @Test
  void aListenerHearsOfItemsThatFailOrAreLost() throws Exception {
    BlockingQueue<ProgressListener.Progress> heard = new LinkedBlockingQueue<>();
    try (ProcessPool pool = builder(1).progress(heard::add).build()) {
      assertThrows(
          WorkerLostException.class,
          () ->
              pool.map(
                  x -> {
                    if (x == 3) {
                      Runtime.getRuntime().halt(1);
                    }
                    return 6 / x;
                  },
                  List.of(1, 2, 3, 4, 0, 6),
                  3));
      assertEquals(6, last(heard).done());
    }
  }

  private static ProgressListener.Progress last(BlockingQueue<ProgressListener.Progress> heard)
      throws InterruptedException {
    ProgressListener.Progress progress = heard.take();
    assertFalse(progress.ended());
    while (!progress.ended()) {
      progress = heard.take();
    }
    assertTrue(progress.done() > 0);
    return progress;
  }

  @Test
  void workersMayBeBoundToProcessors() throws Exception {
    try (ProcessPool pool = builder(1).pinned(true).build()) {
      SerializableCallable<String> allowed =
          () ->
              Files.readAllLines(Path.of("/proc/self/status")).stream()
                  .filter(line -> line.startsWith("Cpus_allowed_list:"))
                  .findFirst()
                  .orElseThrow();
      assertEquals(allowed.call(), pool.apply(allowed)); // one worker has all
    }
  }
}
