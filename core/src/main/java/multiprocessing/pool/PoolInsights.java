package multiprocessing.pool;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;

/**
 * What a pool is doing and has done, at one moment; see {@link ProcessPool#insights}.
 *
 * @param workers the workers that live
 * @param slowest the calls and items that took longest, the slowest first
 * @param ended the workers that ended lately, the last one first
 * @param tasksWaiting tasks that no worker holds yet; a job of many items counts as one
 * @param tasksDone calls and chunks that have ended
 * @param workersStarted how many workers were ever started
 * @param workersLost how many of them ended otherwise than the pool wanted
 */
public record PoolInsights(
    List<WorkerInsight> workers,
    List<SlowTask> slowest,
    List<WorkerEnd> ended,
    int tasksWaiting,
    long tasksDone,
    long workersStarted,
    long workersLost) {

  /** Copies the lists. */
  public PoolInsights {
    workers = List.copyOf(workers);
    slowest = List.copyOf(slowest);
    ended = List.copyOf(ended);
  }

  /**
   * A worker that lives.
   *
   * @param name its name
   * @param pid its process id
   * @param state what it does
   * @param tasks how many calls and chunks it has ended
   * @param startUp how long it took until it was ready, its initializer included
   * @param waiting how long it has had nothing to do since then
   * @param working how long it has run tasks that have ended
   */
  public record WorkerInsight(
      String name,
      long pid,
      State state,
      long tasks,
      Duration startUp,
      Duration waiting,
      Duration working) {}

  /** What a worker does. */
  public enum State {
    /** It is not ready yet. */
    STARTING,
    /** It waits for a task. */
    IDLE,
    /** It runs a task. */
    BUSY,
    /** It is kept for when another worker leaves. */
    SPARE,
    /** It leaves when it has done what it has. */
    LEAVING
  }

  /**
   * A call, or an item.
   *
   * @param task what it was
   * @param worker the name of the worker that ran it
   * @param runTime how long it ran; where items ran in a chunk, their mean
   */
  public record SlowTask(String task, String worker, Duration runTime) {}

  /**
   * The end of a worker.
   *
   * @param name its name
   * @param pid its process id
   * @param exitCode n after {@code exit(n)}, -N after signal N
   * @param reason why it ended
   * @param time when
   */
  public record WorkerEnd(
      String name, long pid, OptionalInt exitCode, String reason, Instant time) {}
}
