package multiprocessing.pool;

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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.serial.Payload;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.ProcessOptions;
import multiprocessing.process.SerializableCallable;
import multiprocessing.process.SerializableFunction;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.process.StartMethod;
import org.jspecify.annotations.Nullable;

/**
 * A fixed number of worker processes that run tasks. The counterpart of {@code
 * multiprocessing.Pool}.
 *
 * <p>
 *
 * {@snippet :
 * try (ProcessPool pool = Multiprocessing.pool()) {
 *   List<Integer> squares = pool.map(x -> x * x, List.of(1, 2, 3));
 * }
 * }
 *
 * <p>Tasks and their results are copied between the processes, so they must be serializable;
 * lambdas are, where a parameter is one of the {@code Serializable…} interfaces, as it is here.
 * What cannot travel fails in the caller, with the path to the field at fault.
 *
 * <h2>Exceptions of a task</h2>
 *
 * arrive as themselves, checked ones too, with the stack of the worker at the end of their chain of
 * causes; those that cannot travel as {@link multiprocessing.error.RemoteTaskException}. Through a
 * {@link java.util.concurrent.Future} they are wrapped in an {@link ExecutionException}, as usual.
 *
 * <h2>If a process dies</h2>
 *
 * A worker that dies, by a signal, by {@code System.exit}, or because the kernel took its memory,
 * fails the task that it was at, at once, with a {@link multiprocessing.error.WorkerLostException},
 * and no other; it is replaced. With {@link Builder#retries} such tasks run again. Workers end
 * within a second when the process that owns the pool dies, however it dies.
 *
 * <h2>Memory effects</h2>
 *
 * What a process did to shared memory before it submitted a task is visible to the task, and what
 * the task did is visible to whoever has its result.
 *
 * <h2>Cost</h2>
 *
 * A task costs some microseconds here and in the worker when they are busy, and up to two wake-ups
 * of a sleeping process, some 50 microseconds each, when they are not. {@link #map} puts short
 * items together. Starting a worker is starting a virtual machine.
 */
public final class ProcessPool implements ExecutorService {
  private static final AtomicInteger POOLS = new AtomicInteger();

  private final Dispatcher dispatcher;

  private ProcessPool(Builder builder) {
    this.dispatcher = new Dispatcher(builder.processes, builder.retries, builder::worker);
    dispatcher.start("multiprocessing-pool-" + POOLS.incrementAndGet());
  }

  /** Returns a builder of a pool with as many workers as this process may use processors. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns how many workers the pool has. */
  public int size() {
    return dispatcher.size();
  }

  /**
   * Applies a function to each item, in the workers; waits for all of them. Items are handed out in
   * chunks of a few milliseconds of work, by the time that items have taken so far.
   *
   * @param <T> type of the items
   * @param <R> type of the results
   * @param function what to apply
   * @param items what to apply it to; read once, before the first item is handed out
   * @return the results in the order of the items
   * @throws InterruptedException if the thread is interrupted; the rest of the work is dropped
   * @throws multiprocessing.error.SerializationException if the function or an item cannot travel
   * @throws multiprocessing.error.WorkerLostException if a worker died over an item
   */
  public <T extends @Nullable Object, R extends @Nullable Object> List<R> map(
      SerializableFunction<? super T, ? extends R> function, Iterable<? extends T> items)
      throws InterruptedException {
    return await(startMap(function, items, 0));
  }

  /**
   * As {@link #map(SerializableFunction, Iterable)}, with chunks of a given size.
   *
   * @param <T> type of the items
   * @param <R> type of the results
   * @param function what to apply
   * @param items what to apply it to
   * @param chunkSize how many items are handed to a worker at a time
   * @return the results in the order of the items
   * @throws IllegalArgumentException if the chunk size is less than 1
   * @throws InterruptedException if the thread is interrupted; the rest of the work is dropped
   */
  public <T extends @Nullable Object, R extends @Nullable Object> List<R> map(
      SerializableFunction<? super T, ? extends R> function,
      Iterable<? extends T> items,
      int chunkSize)
      throws InterruptedException {
    if (chunkSize < 1) {
      throw new IllegalArgumentException("chunks of " + chunkSize + " items; 1 or more, please");
    }
    return await(startMap(function, items, chunkSize));
  }

  private MapJob startMap(
      SerializableFunction<?, ?> function, Iterable<? extends @Nullable Object> items, int chunk) {
    Payload payload = Codec.shared().encodeForStart(Objects.requireNonNull(function)).detached();
    List<@Nullable Object> list = new ArrayList<>();
    items.forEach(list::add);
    return dispatcher.submit(id -> new MapJob(id, payload, list, chunk));
  }

  private <R extends @Nullable Object> List<R> await(MapJob job) throws InterruptedException {
    try {
      @SuppressWarnings("unchecked") // the function gives values of R
      List<R> results = (List<R>) (List<?>) job.done().get();
      return results;
    } catch (ExecutionException e) {
      dispatcher.abandon(job, e);
      throw Failure.sneak(Objects.requireNonNullElse(e.getCause(), e));
    } catch (InterruptedException e) {
      dispatcher.abandon(job, e);
      throw e;
    }
  }

  /**
   * Runs a task in a worker and waits for its value.
   *
   * @param <R> type of the value
   * @param task what to run
   * @return its value
   * @throws InterruptedException if the thread is interrupted; the task is cancelled then
   */
  public <R extends @Nullable Object> R apply(SerializableCallable<R> task)
      throws InterruptedException {
    TaskFuture<R> future = applyAsync(task);
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw Failure.sneak(Objects.requireNonNullElse(e.getCause(), e));
    } catch (InterruptedException e) {
      future.cancel(true);
      throw e;
    }
  }

  /**
   * Has a worker run a task.
   *
   * @param <R> type of the value
   * @param task what to run
   * @return its value to come
   * @throws java.util.concurrent.RejectedExecutionException if the pool is closed or has failed
   */
  public <R extends @Nullable Object> TaskFuture<R> applyAsync(SerializableCallable<R> task) {
    return start(task);
  }

  private <R extends @Nullable Object> TaskFuture<R> start(Callable<R> task) {
    Payload payload = Codec.shared().encodeForStart(Objects.requireNonNull(task)).detached();
    TaskFuture<R> future = new TaskFuture<>(dispatcher);
    CallTask<R> _ =
        dispatcher.submit(
            id -> new CallTask<>(id, payload, "task " + id + " (" + task + ")", future));
    return future;
  }

  /** As {@link #applyAsync}. */
  public <R extends @Nullable Object> TaskFuture<R> submit(SerializableCallable<R> task) {
    return start(task);
  }

  /** As {@link #applyAsync}, for a task without a value. */
  public TaskFuture<@Nullable Void> submit(SerializableRunnable task) {
    return start(new Run<@Nullable Void>(task, null));
  }

  /**
   * As {@link #applyAsync}.
   *
   * @throws multiprocessing.error.SerializationException if the task is not serializable
   */
  @Override
  public <R extends @Nullable Object> TaskFuture<R> submit(Callable<R> task) {
    return start(task);
  }

  /**
   * As {@link #applyAsync}.
   *
   * @throws multiprocessing.error.SerializationException if the task is not serializable
   */
  @Override
  public TaskFuture<@Nullable Void> submit(Runnable task) {
    return this.<@Nullable Void>start(new Run<@Nullable Void>(task, null));
  }

  /**
   * As {@link #applyAsync}, for a task whose value is known beforehand.
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
  public <T extends @Nullable Object> List<java.util.concurrent.Future<T>> invokeAll(
      Collection<? extends Callable<T>> tasks) throws InterruptedException {
    return invokeAll(tasks, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
  }

  @Override
  public <T extends @Nullable Object> List<java.util.concurrent.Future<T>> invokeAll(
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

  /** No more tasks are taken; those that were taken run. Returns at once. */
  @Override
  public void shutdown() {
    dispatcher.close();
  }

  /**
   * Ends all workers now; tasks that run are cancelled.
   *
   * @return the tasks that were not yet handed to a worker, as the futures of their values,
   *     cancelled
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

  /** A runnable as a callable, so that it travels like one. */
  private record Run<R extends @Nullable Object>(Runnable task, R result)
      implements SerializableCallable<R> {
    Run {
      Objects.requireNonNull(task);
    }

    @Override
    public R call() {
      task.run();
      return result;
    }
  }

  /** Says how a pool is to be. */
  public static final class Builder {
    private int processes = Runtime.getRuntime().availableProcessors();
    private int retries;
    private @Nullable SerializableRunnable initializer;
    private ProcessOptions options = ProcessOptions.none();
    private @Nullable StartMethod startMethod;

    private Builder() {}

    /**
     * Sets the number of workers; default is the number of processors this process may use.
     *
     * @param count how many
     * @return this
     * @throws IllegalArgumentException if that is less than 1
     */
    public Builder processes(int count) {
      if (count < 1) {
        throw new IllegalArgumentException("a pool of " + count + " processes; 1 or more, please");
      }
      processes = count;
      return this;
    }

    /**
     * Sets what each worker runs before its first task. If it throws, the pool fails with that
     * exception: tasks that wait end with it.
     *
     * @param task what to run
     * @return this
     */
    public Builder initializer(SerializableRunnable task) {
      initializer = Objects.requireNonNull(task);
      return this;
    }

    /**
     * Sets how often a task runs again after the worker that ran it has died; default is 0. A task
     * may then have run in part, or wholly, several times.
     *
     * @param count how often
     * @return this
     * @throws IllegalArgumentException if that is negative
     */
    public Builder retries(int count) {
      if (count < 0) {
        throw new IllegalArgumentException(count + " retries; 0 or more, please");
      }
      retries = count;
      return this;
    }

    /**
     * Sets the options of the worker processes.
     *
     * @param value the options
     * @return this
     */
    public Builder options(ProcessOptions value) {
      options = Objects.requireNonNull(value);
      return this;
    }

    /**
     * Sets how workers are started; default is the start method of this process.
     *
     * @param method how
     * @return this
     */
    public Builder startMethod(StartMethod method) {
      startMethod = Objects.requireNonNull(method);
      return this;
    }

    /**
     * Makes the pool and starts its workers.
     *
     * @return the pool
     * @throws multiprocessing.error.StartException if a worker cannot be started
     * @throws multiprocessing.error.SerializationException if the initializer cannot travel
     */
    public ProcessPool build() {
      return new ProcessPool(this);
    }

    private Worker worker(Channel channel) {
      ChildProcess.Builder process =
          ChildProcess.builder()
              .target(new WorkerMain(channel.export(), initializer))
              .namePrefix("PoolWorker")
              .daemon(true)
              .options(options);
      if (startMethod != null) {
        process.startMethod(startMethod);
      }
      return new Worker(process.build(), channel);
    }
  }
}
