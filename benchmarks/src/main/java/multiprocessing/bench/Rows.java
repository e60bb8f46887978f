package multiprocessing.bench;

import java.util.List;
import java.util.stream.Stream;

/** All rows there are, in the order of the report. */
final class Rows {
  private static final int MIB = 1 << 20;
  private static final int ITEMS = 100_000;
  private static final int FEW = ITEMS / 10;

  private static final List<Row> BETWEEN_PROCESSES =
      List.of(
          Row.of("queue", "queue-round-trip", "an int to another process and back, by two queues")
              .both()
              .side(Side.loky("queue-round-trip"))
              .side(Side.limit("two futex wake-ups", "futex"))
              .least(1_000)
              .aim(Aim.atMost(0.05))
              .build(),
          Row.of(
                  "queue",
                  "queue-parked",
                  "the same, each 2 ms after the last: the other one sleeps")
              .both()
              .side(Side.limit("two futex wake-ups", "futex-parked"))
              .least(10)
              .aim(Aim.atMost(1.3).of(Peer.C))
              .because(
                  "who has slept for 2 ms finds little in its caches, and a put and a take are some"
                      + " thousand instructions of compiled Java on two processors, where the C"
                      + " program is a page of code. A sleep that keeps its processor awake would"
                      + " change that, at the price of the processor.")
              .build(),
          Row.of("queue", "queue-throughput", "ints from one process to another, unbounded queue")
              .both()
              .unit(Unit.RATE, 1)
              .least(20_000)
              .aim(Aim.atLeast(50))
              .build(),
          large("queue-1mib", "1 MiB arrays to a child, at most 8 at a time"),
          large("queue-1mib-back", "1 MiB arrays from a child, at most 8 at a time"),
          large("queue-1mib-unbounded", "the same through a queue without bound"),
          sized("queue-16b", 16, "arrays of 16 bytes"),
          sized("queue-1kib", 1 << 10, "arrays of 1 KiB"),
          sized("queue-64kib", 1 << 16, "arrays of 64 KiB"),
          many("queue-1-4", "1 process puts ints, 4 take them"),
          many("queue-4-1", "4 processes put ints, 1 takes them"),
          many("queue-4-4", "4 processes put ints, 4 take them"),
          behind("queue-behind-10", "10").both().build(),
          behind("queue-behind-1k", "1,000").both().build(),
          behind("queue-behind-100k", "100,000").both().build(),
          // CPython would need minutes to put that many.
          behind("queue-behind-10m", "10 million").side(Side.ours("queue-behind-10m")).build(),
          made("queue-made-10", "10").both().build(),
          // CPython would need a descriptor or two for each.
          made("queue-made-1k", "1,000").side(Side.ours("queue-made-1k")).build(),
          made("queue-made-10k", "10,000").side(Side.ours("queue-made-10k")).build(),
          Row.of("memory", "array-sum", "a shared array of 64 MiB added up, long by long")
              .both()
              .side(Side.limit("the same", "sum"))
              .unit(Unit.BYTES, 64L * MIB)
              .build(),
          Row.of("connection", "pipe-round-trip", "a byte to another process and back, by a pipe")
              .both()
              .side(Side.limit("the same by two kernel pipes", "pipe"))
              .least(1_000)
              .aim(Aim.atMost(1.2))
              .build(),
          Row.of("connection", "pipe-1mib", "1 MiB to another process and back, by a pipe")
              .both()
              .unit(Unit.BYTES, 2L * MIB)
              .least(20)
              .aim(Aim.atLeast(1))
              .build(),
          Row.of("manager", "manager-map", "one entry of a manager's map set and got")
              .both()
              .least(500)
              .aim(Aim.atMost(0.15))
              .build(),
          Row.of("manager", "manager-map-100", "100 entries of a manager's map set by one call")
              .both()
              .least(200)
              .aim(Aim.atMost(1))
              .build(),
          Row.of("manager", "manager-put-all", "100 entries by putAll, as a multiple of one put")
              .both()
              .unit(Unit.MULTIPLE, 1)
              .least(200)
              .aim(Aim.atMostTimes(2))
              .because(
                  "one put is answered in little more than a microsecond while client and server"
                      + " both are awake, and a hundred entries cannot be read in two of them. Where"
                      + " both sleep in between, the ratio is under 2.")
              .build(),
          beside("shared-map-get", "an entry of 10,000 got, of a map without a server"),
          beside("shared-map-set-get", "an entry of 10,000 set and got, without a server"),
          Row.of("sync", "lock", "lock and unlock, nobody else wants it")
              .both()
              .least(100_000)
              .aim(Aim.atMost(0.1))
              .because(
                  "it is two atomic instructions, as in CPython, and little else: processors differ"
                      + " in what those take, from some 5 ns each to 9.")
              .build(),
          Row.of("sync", "lock-contended", "lock and unlock, two processes want it all the time")
              .both()
              .unit(Unit.TIME, 2)
              .least(100_000)
              .aim(Aim.atMost(0.2))
              .build(),
          Row.of("sync", "semaphore", "acquire and release, nobody else wants it")
              .both()
              .least(100_000)
              .aim(Aim.atMost(0.1))
              .because(
                  "besides the two atomic operations of a lock it looks for an interrupt, for the"
                      + " bound, and for those who wait.")
              .build(),
          Row.of("sync", "semaphore-shared", "the same, while another process has a permit too")
              .both()
              .least(100_000)
              .because(
                  "as the row before; where more than one take and give back at once, it is noted"
                      + " under a lock who has how many, so that those of a dead process come back.")
              .build(),
          Row.of("sync", "reentrant-lock", "lock and unlock, one that may be locked again")
              .both()
              .least(100_000)
              .aim(Aim.atMost(0.15))
              .because(
                  "besides locking, the thread that holds it is looked up and noted, so that it may"
                      + " lock again.")
              .build(),
          Row.of("sync", "event", "hand-over to another process and back, by two events")
              .both()
              .least(1_000)
              .aim(Aim.atMost(0.2))
              .build(),
          Row.of("sync", "barrier", "two processes wait for each other at a barrier")
              .both()
              .least(1_000)
              .aim(Aim.atMost(0.2))
              .build(),
          Row.of("sync", "barrier-4", "four processes wait for each other at a barrier")
              .both()
              .least(200)
              .build());

  private static final List<Row> POOLS =
      List.of(
          Row.of("pool", "map-chunk-1", "map of 10,000 ints in 2 workers, one item at a time")
              .both()
              .side(Side.loky("map-chunk-1"))
              .side(Side.workerpool("", "map-chunk-1"))
              .side(Side.pp4j("a task each", "map-chunk-1"))
              .unit(Unit.RATE, FEW)
              .aim(Aim.atLeast(20))
              .build(),
          Row.of("pool", "map", "map of 100,000 ints in 2 workers, chunks of the pool's choice")
              .both()
              .side(Side.loky("map"))
              .unit(Unit.RATE, ITEMS)
              .aim(Aim.atLeast(1))
              .build(),
          Row.of("pool", "map-chunk-100", "map of 100,000 ints in 2 workers, a hundred at a time")
              .both()
              .side(Side.loky("map-chunk-100"))
              .side(Side.workerpool("", "map-chunk-100"))
              .side(Side.pp4j("a task each", "map-chunk-100"))
              .unit(Unit.RATE, ITEMS)
              .aim(Aim.atLeast(1))
              .build(),
          Row.of("pool", "imap", "imap over 10,000 ints in 2 workers, results taken one by one")
              .both()
              .side(Side.loky("imap"))
              .unit(Unit.RATE, FEW)
              .aim(Aim.atLeast(20))
              .build(),
          Row.of("pool", "map-1mib", "map over 64 arrays of 1 MiB in 2 workers, there and back")
              .both()
              .side(Side.loky("map-1mib"))
              .side(Side.workerpool("", "map-1mib"))
              .side(Side.pp4j("a task each", "map-1mib"))
              .unit(Unit.BYTES, 64 * MIB)
              .aim(Aim.atLeast(1))
              .build(),
          Row.of("pool", "apply", "apply in 2 workers, one call after the other")
              .both()
              .side(Side.loky("apply"))
              .side(Side.workerpool("", "apply"))
              .side(Side.pp4j("", "apply"))
              .least(200)
              .aim(Aim.atMost(0.05))
              .build(),
          Row.of("pool", "worker-private", "memory of an idle worker: what it has for itself")
              .both()
              .unit(Unit.MEMORY, 1)
              .because(
                  "a worker has worked: its virtual machine has loaded and compiled what that took,"
                      + " and has a heap of its own, where a worker of CPython adds some objects to"
                      + " those that it shares.")
              .build(),
          scale(1),
          scale(2),
          scale(4),
          scale(8),
          scale(16));

  static final List<Row> ALL =
      Stream.of(BETWEEN_PROCESSES, StartRows.all(), POOLS).flatMap(List::stream).toList();

  private Rows() {}

  /** Messages of one size. */
  private static Row sized(String name, int bytes, String what) {
    return Row.of("queue", name, what + " from a child, at most 1,000 at a time")
        .both()
        .unit(Unit.BYTES, bytes)
        .least(2_000)
        .build();
  }

  /** Messages that are large. */
  private static Row large(String name, String title) {
    return Row.of("queue", name, title)
        .both()
        .side(Side.limit("memcpy of 1 MiB", "memcpy"))
        .unit(Unit.BYTES, MIB)
        .least(50)
        .aim(Aim.atLeast(10))
        .aim(Aim.atLeast(0.4).of(Peer.C))
        .because(
            "who takes a message gets an array of its own, which the virtual machine clears before"
                + " it is filled, in memory that no cache has, while the C program copies within"
                + " its caches. A receiver that reads a message where it lies would be spared both"
                + " passes.")
        .build();
  }

  /** Several at both ends of one queue. */
  private static Row many(String name, String what) {
    return Row.of("queue", name, what + ", unbounded queue")
        .both()
        .unit(Unit.RATE, 4)
        .least(2_000)
        .build();
  }

  /** What a queue costs that is not kept. */
  private static Row.Builder made(String name, String others) {
    String title = "a queue made, used once and closed, while " + others + " others are there";
    return Row.of("queue", name, title).least(20);
  }

  /** What a queue costs when there is something in it. */
  private static Row.Builder behind(String name, String waiting) {
    return Row.of("queue", name, "take and put while " + waiting + " ints wait, one process")
        .least(2_000);
  }

  /** What a pool makes of the machine's cores. */
  private static Row scale(int processes) {
    return Row.of("scale", "scale-" + processes, "tasks of 1 ms of a core, a pool of " + processes)
        .both()
        .unit(Unit.RATE, 200)
        .because(
            "each worker is a virtual machine that compiles the task for itself: the more there"
                + " are, the longer their compilers share the cores with the tasks. Code compiled"
                + " ahead of time would spare that.")
        .build();
  }

  /** Shared maps have no counterpart in Python: its manager's dict is what one takes instead. */
  private static Row beside(String name, String title) {
    String what = name.substring("shared-".length());
    return Row.of("memory", name, title)
        .both()
        .side(
            new Side(
                Peer.JDK, "ConcurrentHashMap, in one process", Program.JAVA, "concurrent-" + what))
        .least(500)
        .aim(Aim.atMost(0.02))
        .build();
  }
}
