package multiprocessing.pool;

import java.util.OptionalInt;
import multiprocessing.error.TaskTimeoutException;
import multiprocessing.error.WorkerLostException;
import org.jspecify.annotations.Nullable;

/**
 * One piece of work as the pool sees it: it is sent to a worker, and ends by a result or by the
 * loss of the worker. All methods are called with the dispatcher's lock held, by one thread at a
 * time.
 */
abstract class Task implements Work {
  private final long id;
  private final TaskOptions options;
  private int losses;

  Task(long id, TaskOptions options) {
    this.id = id;
    this.options = options;
  }

  long id() {
    return id;
  }

  @Override
  public TaskOptions options() {
    return options;
  }

  /** The job whose function the worker must know before; null if the task carries all it needs. */
  @Nullable Job job() {
    return null;
  }

  /** Whether it is the task that a future or a call stands for, or a part of it. */
  abstract boolean isFor(Object key);

  /** Sends the task to a worker. */
  abstract void send(Worker worker);

  /** Whether the task is not wanted any more. */
  abstract boolean isCancelled();

  /**
   * A message of the worker for this task.
   *
   * @return whether the task has ended with it
   */
  abstract boolean receive(byte[] message);

  /** The worker died while it held the task; {@code started} is the last item begun, or -1. */
  abstract void lost(Dispatcher dispatcher, Worker worker, int started);

  /** What to call an item of it. */
  abstract String describe(int item);

  /** Counts a loss; whether that was once too often. */
  boolean lostTooOften() {
    return ++losses > options.retries();
  }

  void inheritLosses(Task other) {
    losses = other.losses;
  }

  /** The exception for what a worker died over. */
  static Throwable loss(Worker worker, String what) {
    String dump = worker.dumpBeforeKill();
    if (dump != null) {
      return new TaskTimeoutException(
          what
              + " ran for longer than its hard time limit in "
              + worker.name()
              + " (pid "
              + worker.pid()
              + "), which was killed",
          worker.pid(),
          dump,
          null);
    }
    return new WorkerLostException(
        worker.name(), worker.pid(), OptionalInt.of(worker.exitCode()), what, worker.obituary());
  }
}
