package multiprocessing.pool;

import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The result of a task of a {@link ProcessPool}, once it is there. The counterpart of {@code
 * multiprocessing.pool.AsyncResult}.
 *
 * <p>It completes with the value of the task; with the exception of the task, which arrives as
 * itself with the worker's stack at the end of its chain of causes; with a {@link
 * multiprocessing.error.RemoteTaskException} if that exception could not travel; or with a {@link
 * multiprocessing.error.WorkerLostException} if the worker died over it. Functions that depend on
 * it run in virtual threads, so they may block.
 *
 * @param <R> type of the value; may be nullable
 */
public final class TaskFuture<R extends @Nullable Object> extends CompletableFuture<R> {
  private final @Nullable Dispatcher dispatcher;
  private volatile @Nullable Worker worker;

  TaskFuture(@Nullable Dispatcher dispatcher) {
    this.dispatcher = dispatcher;
  }

  void heldBy(@Nullable Worker holder) {
    worker = holder;
  }

  @Nullable Worker holder() {
    return worker;
  }

  /** Returns the pid of the worker that holds or held the task; empty as long as none did. */
  public OptionalLong workerPid() {
    Worker holder = worker;
    return holder == null ? OptionalLong.empty() : OptionalLong.of(holder.pid());
  }

  /**
   * Cancels the task. One that no worker has yet never runs.
   *
   * @param mayInterruptIfRunning whether a running task is stopped, by ending its worker, for which
   *     a new one is started; otherwise it runs to its end and its result is dropped
   * @return whether this call or an earlier one cancelled it
   */
  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    boolean cancelled = super.cancel(mayInterruptIfRunning);
    if (cancelled && dispatcher != null) {
      dispatcher.cancelled(this, mayInterruptIfRunning);
    }
    return cancelled;
  }
}
