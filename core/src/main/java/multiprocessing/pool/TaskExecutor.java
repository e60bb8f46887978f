package multiprocessing.pool;

import java.io.Serial;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.serial.Payload;
import multiprocessing.process.SerializableCallable;
import multiprocessing.process.SerializableRunnable;
import org.jspecify.annotations.Nullable;

/** The part of a pool that is an {@link ExecutorService}. */
abstract sealed class TaskExecutor implements ExecutorService permits StreamExecutor {
  private final Dispatcher dispatcher;
  private final TaskOptions options;

  TaskExecutor(Dispatcher dispatcher, TaskOptions options) {
    this.dispatcher = dispatcher;
    this.options = options;
  }

  Dispatcher dispatcher() {
    return dispatcher;
  }

  TaskOptions options() {
    return options;
  }

  /** A task as it travels. */
  Payload encode(Object task) {
    Objects.requireNonNull(task);
    boolean isYoung = dispatcher.plan().maxTasks() > 0; // each worker that will read it
    Codec codec = Codec.shared();
    return (isYoung ? codec.encodeForStart(task) : codec.encode(task, "task")).detached();
  }

  <R extends @Nullable Object> TaskFuture<R> start(Callable<R> task) {
    Payload payload = encode(task);
    TaskFuture<R> future = new TaskFuture<>(dispatcher);
    CallTask<R> _ =
        dispatcher.submit(id -> new CallTask<>(id, options, payload, task.toString(), future));
    return future;
  }

  /**
   * Has a worker run a task.
   *
   * @param <R> type of the value
   * @param task what to run
   * @return its value to come
   * @throws java.util.concurrent.RejectedExecutionException if the pool is closed or has failed
   */
  public <R extends @Nullable Object> TaskFuture<R> submit(SerializableCallable<R> task) {
    return start(task);
  }

  /**
   * Has a worker run a task without a value.
   *
   * @param task what to run
   * @return its end to come
   */
  public TaskFuture<@Nullable Void> submit(SerializableRunnable task) {
    return start(new Run<@Nullable Void>(task, null));
  }

  /**
   * As {@link #submit(SerializableCallable)}.
   *
   * @throws multiprocessing.error.SerializationException if the task is not serializable
   */
  @Override
  public <R extends @Nullable Object> TaskFuture<R> submit(Callable<R> task) {
    return start(task);
  }

  /**
   * As {@link #submit(SerializableRunnable)}.
   *
   * @throws multiprocessing.error.SerializationException if the task is not serializable
   */
  @Override
  public TaskFuture<@Nullable Void> submit(Runnable task) {
    return this.<@Nullable Void>start(new Run<@Nullable Void>(task, null));
  }

  /**
   * As {@link #submit(SerializableRunnable)}, for a task whose value is known beforehand.
   *
   * @throws multiprocessing.error.SerializationException if the task is not serializable
   */
  @Override
  public <R extends @Nullable Object> TaskFuture<R> submit(Runnable task, R result) {
    return start(new Run<>(task, result));
  }

  /** As {@link #submit(SerializableRunnable)}; an exception of the task goes to stderr. */
  public void execute(SerializableRunnable task) {
    execute((Runnable) task);
  }

  /** As {@link #submit(Runnable)}; an exception of the task goes to stderr. */
  @Override
  public void execute(Runnable task) {
    CompletableFuture<?> _ =
        submit(task)
            .whenComplete(
                (_, thrown) -> {
                  if (thrown != null && !(thrown instanceof CancellationException)) {
                    Thread thread = Thread.currentThread();
                    thread.getUncaughtExceptionHandler().uncaughtException(thread, thrown);
                  }
                });
  }

  @Override
  public <T extends @Nullable Object> List<Future<T>> invokeAll(
      Collection<? extends Callable<T>> tasks) throws InterruptedException {
    return invokeAll(tasks, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
  }

  @Override
  public <T extends @Nullable Object> List<Future<T>> invokeAll(
      Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
      throws InterruptedException {
    List<TaskFuture<T>> futures = new ArrayList<>();
    boolean done = false;
    try {
      for (Callable<T> task : tasks) {
        futures.add(start(task));
      }
      CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new))
          .handle((_, _) -> futures.size())
          .get(timeout, unit);
      done = true;
    } catch (TimeoutException e) {
      // Those that are not done by now are cancelled below, as the interface says.
    } catch (ExecutionException e) {
      throw new AssertionError("handle() leaves no exception", e);
    } finally {
      if (!done) {
        futures.forEach(future -> future.cancel(true));
      }
    }
    return List.copyOf(futures);
  }

  @Override
  public <T extends @Nullable Object> T invokeAny(Collection<? extends Callable<T>> tasks)
      throws InterruptedException, ExecutionException {
    try {
      return invokeAny(tasks, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("a wait without end has ended", e);
    }
  }

  @Override
  public <T extends @Nullable Object> T invokeAny(
      Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    if (tasks.isEmpty()) {
      throw new IllegalArgumentException("invokeAny wants one task at least");
    }
    List<TaskFuture<T>> futures = new ArrayList<>();
    CompletableFuture<T> first = new CompletableFuture<>();
    AtomicInteger left = new AtomicInteger(tasks.size());
    try {
      for (Callable<T> task : tasks) {
        TaskFuture<T> future = start(task);
        futures.add(future);
        CompletableFuture<?> _ =
            future.whenComplete(
                (value, thrown) -> {
                  if (thrown == null) {
                    first.complete(value);
                  } else if (left.decrementAndGet() == 0) {
                    first.completeExceptionally(thrown);
                  }
                });
      }
      return first.get(timeout, unit);
    } finally {
      futures.forEach(future -> future.cancel(true));
    }
  }

  /** No more tasks are taken; those that were taken run, streams too. Returns at once. */
  @Override
  public void shutdown() {
    dispatcher.close();
  }

  /**
   * Ends all workers now; tasks that run are cancelled.
   *
   * @return the tasks that no worker has begun, as the futures of their values, cancelled
   */
  @Override
  public List<Runnable> shutdownNow() {
    List<Runnable> never = new ArrayList<>();
    for (CallTask<?> task : dispatcher.terminate()) {
      never.add(new NeverRun(task.future()));
    }
    return never;
  }

  /** A task that never ran. */
  private record NeverRun(TaskFuture<?> future) implements Runnable {
    @Override
    public void run() {
      throw new CancellationException("the task was cancelled with its pool");
    }
  }

  /**
   * Waits until all that was taken is done and all workers have ended. Streams that are not read to
   * their end are ended by it, since whoever reads them may be the one that waits here. If the
   * thread is interrupted, all work is dropped. May be called again.
   */
  @Override
  public void close() {
    dispatcher.close();
    dispatcher.cutStreams();
    ExecutorService.super.close();
  }

  /** Drops all work and ends all workers now, and waits for their end. May be called again. */
  public void terminate() {
    List<CallTask<?>> _ = dispatcher.terminate();
    dispatcher.ended().join();
  }

  @Override
  public boolean isShutdown() {
    return dispatcher.isClosed();
  }

  @Override
  public boolean isTerminated() {
    return dispatcher.ended().isDone();
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    try {
      dispatcher.ended().get(timeout, unit);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new AssertionError("the end of a pool has no exception", e);
    }
  }

  /**
   * Waits until all workers have ended.
   *
   * @param timeout how long at most
   * @return false if the time ran out
   * @throws InterruptedException if the thread is interrupted
   */
  public boolean awaitTermination(Duration timeout) throws InterruptedException {
    return awaitTermination(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS);
  }

  /**
   * Waits until all workers have ended, after the pool was shut down. The counterpart of {@code
   * Pool.join}.
   *
   * @throws IllegalStateException if the pool was not shut down
   * @throws InterruptedException if the thread is interrupted
   */
  public void join() throws InterruptedException {
    if (!isShutdown()) {
      throw new IllegalStateException("the pool still runs: shut it down before you wait for it");
    }
    boolean _ = awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
  }

  /** A runnable as a callable, so that it travels like one. */
  @SuppressWarnings("serial") // who sends what cannot travel is told so
  private static final class Run<R extends @Nullable Object> implements SerializableCallable<R> {
    @Serial private static final long serialVersionUID = 1L;

    private final Runnable task;
    private final R result;

    Run(Runnable task, R result) {
      this.task = Objects.requireNonNull(task);
      this.result = result;
    }

    @Override
    public R call() {
      task.run();
      return result;
    }

    @Override
    public String toString() {
      return task.toString();
    }
  }
}
