package multiprocessing.bench.work;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import multiprocessing.Multiprocessing;
import multiprocessing.process.StartMethod;

/**
 * This library's side of a row: started with the name of a work, says {@code ready}, then answers
 * each line {@code run N} with {@code ok NANOS}, or {@code error SENTENCE}, until its standard
 * input ends.
 */
public final class Worker {
  private static final int BOUND = 8;
  private static final int BOUND_OF_SMALL = 1_000;
  private static final int MOST_PROCESSES = 16;
  private static final int MIB = 1 << 20;
  private static final int ITEMS = 100_000;
  private static final long PAUSE_MILLIS = 50;
  private static final int HEAP_MEGABYTES = 200;
  private static final Map<String, Callable<Work>> WORKS = new TreeMap<>();

  static {
    WORKS.put("queue-round-trip", QueueRoundTrip::new);
    WORKS.put("queue-parked", QueueParked::new);
    WORKS.put("queue-throughput", QueueThroughput::new);
    WORKS.put("queue-1mib", () -> new QueueMebibyteToChild(BOUND));
    WORKS.put("queue-1mib-back", () -> new QueueBytes(MIB, BOUND));
    WORKS.put("queue-1mib-unbounded", () -> new QueueBytes(MIB, 0));
    WORKS.put("queue-16b", () -> new QueueBytes(16, BOUND_OF_SMALL));
    WORKS.put("queue-1kib", () -> new QueueBytes(1 << 10, BOUND_OF_SMALL));
    WORKS.put("queue-64kib", () -> new QueueBytes(1 << 16, BOUND_OF_SMALL));
    WORKS.put("queue-1-4", () -> new QueueOfMany(1, 4));
    WORKS.put("queue-4-1", () -> new QueueOfMany(4, 1));
    WORKS.put("queue-4-4", () -> new QueueOfMany(4, 4));
    WORKS.put("queue-behind-10", () -> new QueueBehind(10));
    WORKS.put("queue-behind-1k", () -> new QueueBehind(1_000));
    WORKS.put("queue-behind-100k", () -> new QueueBehind(100_000));
    WORKS.put("queue-behind-10m", () -> new QueueBehind(10_000_000));
    WORKS.put("queue-made-10", () -> new QueueMade(10));
    WORKS.put("queue-made-1k", () -> new QueueMade(1_000));
    WORKS.put("queue-made-10k", () -> new QueueMade(10_000));
    WORKS.put("array-sum", ArraySum::new);
    WORKS.put("pipe-round-trip", () -> new PipeRoundTrip(1));
    WORKS.put("pipe-1mib", () -> new PipeRoundTrip(MIB));
    WORKS.put("manager-map", () -> new ManagerMap(1));
    WORKS.put("manager-map-100", () -> new ManagerMap(100));
    WORKS.put("manager-put-all", ManagerPutAll::new);
    for (String what : List.of("map-set-get", "map-get")) {
      boolean sets = what.equals("map-set-get");
      WORKS.put("shared-" + what, () -> new MapOfMany(sharedMap(), sets));
      WORKS.put("concurrent-" + what, () -> new MapOfMany(new ConcurrentHashMap<>(), sets));
    }
    WORKS.put("lock", LockAlone::new);
    WORKS.put("lock-contended", LockContended::new);
    WORKS.put("reentrant-lock", ReentrantLockAlone::new);
    WORKS.put("semaphore", () -> new SemaphoreAlone(0));
    WORKS.put("semaphore-shared", () -> new SemaphoreAlone(1));
    WORKS.put("event", EventHandOver::new);
    WORKS.put("barrier", () -> new BarrierOf(2));
    WORKS.put("barrier-4", () -> new BarrierOf(4));
    for (StartMethod method : StartMethod.values()) {
      String name = "-" + method.name().toLowerCase(Locale.ROOT);
      WORKS.put("start" + name, () -> new Start(method, 0));
      WORKS.put("start-paused" + name, () -> new Start(method, PAUSE_MILLIS));
      WORKS.put("heap" + name, () -> new StartBesideHeap(method, HEAP_MEGABYTES, PAUSE_MILLIS));
      WORKS.put("latency" + name, () -> new StartLatency(method, PAUSE_MILLIS));
      WORKS.put("first" + name, () -> new FirstStart(method));
      WORKS.put("private" + name, () -> new IdleMemory(method, IdleMemory.PRIVATE));
      WORKS.put("share" + name, () -> new IdleMemory(method, IdleMemory.SHARE));
    }
    WORKS.put("start-bare-jvm", BareMachine::new);
    WORKS.put("aot-caches", AotCaches::new);
    WORKS.put("map-chunk-1", () -> new PoolMap(ITEMS / 10, 1));
    WORKS.put("map", () -> new PoolMap(ITEMS, 0));
    WORKS.put("map-chunk-100", () -> new PoolMap(ITEMS, 100));
    WORKS.put("imap", () -> new PoolImap(ITEMS / 10));
    WORKS.put("map-1mib", PoolArrays::new);
    WORKS.put("apply", PoolApply::new);
    WORKS.put("worker-private", WorkerMemory::new);
    for (int processes = 1; processes <= MOST_PROCESSES; processes *= 2) {
      int size = processes;
      WORKS.put("scale-" + size, () -> new PoolScale(size));
    }
    WORKS.put("pp4j-start", Pp4jPool::start);
    WORKS.put("pp4j-apply", Pp4jPool::apply);
    WORKS.put("pp4j-map-chunk-1", () -> Pp4jPool.map(ITEMS / 10, 1));
    WORKS.put("pp4j-map-chunk-100", () -> Pp4jPool.map(ITEMS, 100));
    WORKS.put("pp4j-map-1mib", () -> Pp4jPool.arrays(64));
  }

  private static Map<String, Integer> sharedMap() {
    return Multiprocessing.sharedMap(String.class, Integer.class);
  }

  private final LinkedBlockingQueue<String> orders = new LinkedBlockingQueue<>();

  private Worker() {}

  /**
   * Serves until standard input ends.
   *
   * @param arguments the name of a work
   */
  public static void main(String[] arguments) throws Exception {
    Callable<Work> maker = arguments.length == 1 ? WORKS.get(arguments[0]) : null;
    if (maker == null) {
      System.out.println("error there is no such work; there are " + WORKS.keySet());
      System.exit(2);
      return;
    }
    new Worker().serve(maker.call());
  }

  private void serve(Work work) throws InterruptedException {
    // Read by a thread of its own: when the driver is gone, a round that hangs must end too.
    Thread.ofPlatform().daemon().name("orders").start(this::readOrders);
    System.out.println("ready");
    while (true) {
      String[] order = orders.take().split(" ", -1);
      if (order.length != 2 || !order[0].equals("run")) {
        System.exit(0);
      }
      System.out.println(answer(work, Long.parseLong(order[1])));
    }
  }

  private static String answer(Work work, long count) {
    try {
      return "ok " + work.run(count);
    } catch (Exception e) {
      return "error " + e.toString().replace('\n', ' ');
    }
  }

  private void readOrders() {
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        orders.add(line);
      }
      orders.add("quit");
      Thread.sleep(2_000);
    } catch (IOException | InterruptedException e) {
      System.err.println("orders end: " + e);
    }
    Runtime.getRuntime().halt(1);
  }
}
