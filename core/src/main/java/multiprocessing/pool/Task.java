package multiprocessing.pool;

import java.util.OptionalInt;
import multiprocessing.error.WorkerLostException;
import org.jspecify.annotations.Nullable;

/**
 * One piece of work as the pool sees it: it is sent to a worker, and ends by a result or by the
 * loss of the worker. All methods are called with the dispatcher's lock held, by one thread at a
 * time.
 */
abstract class Task {
  private final long id;
  private int losses;

  Task(long id) {
    this.id = id;
  }

  long id() {
    return id;
  }

  /** The function that the worker must know before; null if the task carries all it needs. */
  @Nullable MapJob job() {
    return null;
  }

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

  /** The pool ends and the task will not run, or not to its end. */
  abstract void fail(Throwable reason);

  /** Counts a loss; whether that was once too often. */
  boolean lostTooOften(Dispatcher dispatcher) {
    return ++losses > dispatcher.retries();
  }

  void inheritLosses(Task other) {
    losses = other.losses;
  }

  static WorkerLostException workerLost(Worker worker, String what) {
    return new WorkerLostException(
        worker.name(), worker.pid(), OptionalInt.of(worker.exitCode()), what, "");
  }
}
