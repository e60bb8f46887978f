package multiprocessing.pool;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The result of a task of a {@link ProcessPool}, once it is there. The counterpart of {@code
 * multiprocessing.pool.AsyncResult}.
 *
 * <p>It completes with the value of the task; with the exception of the task, which arrives as
 * itself with the worker's stack at the end of its chain of causes; with a {@link
 * multiprocessing.error.RemoteTaskException} if that exception could not travel; with a {@link
 * multiprocessing.error.WorkerLostException} if the worker died over it; or with a {@link
 * multiprocessing.error.TaskTimeoutException} if it ran for too long. Functions that depend on it
 * run in virtual threads, so they may block.
 *
 * @param <R> type of the value; may be nullable
 */
public final class TaskFuture<R extends @Nullable Object> extends CompletableFuture<R> {
  private final @Nullable Dispatcher dispatcher;
  private final Instant submitted = Instant.now();
  private final long submittedNanos = System.nanoTime();
  private volatile @Nullable Worker worker;
  private volatile long task;
  private volatile long begun;
  private volatile long ended;

  TaskFuture(@Nullable Dispatcher dispatcher) {
    this.dispatcher = dispatcher;
  }

  void heldBy(Worker holder, long id) {
    task = id;
    worker = holder;
  }

  /** A task has ended that took so long. */
  void ran(long nanos) {
    long now = System.nanoTime();
    begun = now - nanos;
    ended = now;
  }

  /** Work on it has begun. */
  void began() {
    if (begun == 0) {
      begun = System.nanoTime();
    }
  }

  /** All work on it has ended. */
  void finished() {
    ended = System.nanoTime();
  }

  /** Returns the pid of the worker that holds or held the task; empty as long as none did. */
  public OptionalLong workerPid() {
    Worker holder = worker;
    return holder == null ? OptionalLong.empty() : OptionalLong.of(holder.pid());
  }

  /** Returns the name of the worker that holds or held the task; empty as long as none did. */
  public Optional<String> workerName() {
    Worker holder = worker;
    return holder == null ? Optional.empty() : Optional.of(holder.name());
  }

  /** Returns when the task was given to the pool. */
  public Instant submittedAt() {
    return submitted;
  }

  /** Returns when a worker began the task; empty as long as none did. */
  public Optional<Instant> startedAt() {
    OptionalLong start = startNanos();
    return start.isEmpty()
        ? Optional.empty()
        : Optional.of(submitted.plusNanos(start.getAsLong() - submittedNanos));
  }

  /** Returns how long the task waited for a worker, so far if it waits still. */
  public Duration waitTime() {
    long until = startNanos().orElseGet(System::nanoTime);
    return Duration.ofNanos(Math.max(0, until - submittedNanos));
  }

  /** Returns how long the task ran, so far if it runs still; zero if it has not begun. */
  public Duration runTime() {
    OptionalLong start = startNanos();
    if (start.isEmpty()) {
      return Duration.ZERO;
    }
    long end = ended == 0 ? System.nanoTime() : ended;
    return Duration.ofNanos(Math.max(0, end - start.getAsLong()));
  }

  private OptionalLong startNanos() {
    if (begun != 0) {
      return OptionalLong.of(begun);
    }
    Worker holder = worker;
    Channel.Position position = holder == null ? null : holder.position();
    return position != null && position.isOf(task)
        ? OptionalLong.of(position.since())
        : OptionalLong.empty();
  }

  /**
   * Waits until the task has ended, however it does. The counterpart of {@code AsyncResult.wait}.
   *
   * @param timeout how long at most
   * @return whether it has ended
   * @throws InterruptedException if the thread is interrupted
   */
  public boolean await(Duration timeout) throws InterruptedException {
    try {
      R _ = get(timeout);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException | java.util.concurrent.CancellationException e) {
      return true;
    }
  }

  /**
   * Waits for the value.
   *
   * @param timeout how long at most
   * @return the value
   * @throws InterruptedException if the thread is interrupted
   * @throws ExecutionException if the task failed
   * @throws TimeoutException if the time ran out
   */
  public R get(Duration timeout) throws InterruptedException, ExecutionException, TimeoutException {
    return get(TaskOptions.nanos(timeout), TimeUnit.NANOSECONDS);
  }

  /**
   * Returns whether the task has ended with a value. The counterpart of {@code
   * AsyncResult.successful}.
   *
   * @return false if it failed or was cancelled
   * @throws IllegalStateException if it has not ended
   */
  public boolean isSuccessful() {
    if (!isDone()) {
      throw new IllegalStateException("the task has not ended yet");
    }
    return !isCompletedExceptionally();
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

  /** Stages that depend on a task are no tasks. */
  @Override
  public <U extends @Nullable Object> CompletableFuture<U> newIncompleteFuture() {
    return new CompletableFuture<>();
  }
}
