package multiprocessing.pool;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.PriorityQueue;

/** What a pool remembers of its tasks and workers; under the dispatcher's lock. */
final class Ledger {
  private static final int SLOWEST = 10;
  private static final int ENDED = 100;

  private final PriorityQueue<PoolInsights.SlowTask> slowest =
      new PriorityQueue<>(Comparator.comparing(PoolInsights.SlowTask::runTime));
  private final ArrayDeque<PoolInsights.WorkerEnd> ended = new ArrayDeque<>();
  private long slowEnough = -1;
  private long tasks;
  private long started;
  private long lost;
  private long mean = Long.MAX_VALUE; // of a task's time, the last ones counting most

  void workerStarted() {
    started++;
  }

  /** Outcomes of a task have come, after {@code nanos} of work, before they are looked at. */
  void outcome(Worker worker, Task task, byte[] message) {
    long nanos = Message.second(message);
    worker.record().worked(nanos);
    mean = mean == Long.MAX_VALUE ? nanos : mean + (nanos - mean) / 8;
    int items = message[0] == Message.OUTCOMES ? Message.count(message) : 1;
    long each = nanos / Math.max(1, items);
    if (each > slowEnough) {
      int item = task instanceof ItemsTask chunk ? chunk.received() : 0;
      slowest.add(
          new PoolInsights.SlowTask(task.describe(item), worker.name(), Duration.ofNanos(each)));
      if (slowest.size() > SLOWEST) {
        slowest.remove();
        slowEnough = slowest.element().runTime().toNanos();
      }
    }
  }

  /** How long tasks take of late; a very long time if nobody knows. */
  long meanNanos() {
    return mean;
  }

  void taskEnded(Worker worker) {
    tasks++;
    worker.record().taskEnded(System.nanoTime());
  }

  void workerEnded(Worker worker, boolean wanted) {
    String reason = worker.record().reason();
    if (!wanted) {
      lost++;
    }
    int code = worker.exitCode();
    String how = code < 0 ? "signal " + -code : "exit code " + code;
    ended.addFirst(
        new PoolInsights.WorkerEnd(
            worker.name(),
            worker.pid(),
            OptionalInt.of(code),
            reason.isEmpty() ? "it died: " + how : reason,
            Instant.now()));
    if (ended.size() > ENDED) {
      ended.removeLast();
    }
  }

  PoolInsights insights(List<Worker> workers, int waiting) {
    List<PoolInsights.WorkerInsight> alive = new ArrayList<>();
    for (Worker worker : workers) {
      WorkerRecord record = worker.record();
      alive.add(
          new PoolInsights.WorkerInsight(
              worker.name(),
              worker.pid(),
              state(worker),
              record.tasks(),
              record.startUp(),
              record.waiting(),
              record.working()));
    }
    List<PoolInsights.SlowTask> slow = new ArrayList<>(slowest);
    slow.sort(Comparator.comparing(PoolInsights.SlowTask::runTime).reversed());
    return new PoolInsights(alive, slow, List.copyOf(ended), waiting, tasks, started, lost);
  }

  private static PoolInsights.State state(Worker worker) {
    if (worker.isStopping()) {
      return PoolInsights.State.LEAVING;
    }
    if (!worker.isReady()) {
      return PoolInsights.State.STARTING;
    }
    if (worker.isSpare()) {
      return PoolInsights.State.SPARE;
    }
    return worker.load() > 0 ? PoolInsights.State.BUSY : PoolInsights.State.IDLE;
  }
}
