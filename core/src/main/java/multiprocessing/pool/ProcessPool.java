package multiprocessing.pool;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import multiprocessing.internal.serial.Payload;
import multiprocessing.process.SerializableBiFunction;
import multiprocessing.process.SerializableCallable;
import multiprocessing.process.SerializableFunction;
import org.jspecify.annotations.Nullable;

/**
 * Worker processes that run tasks. The counterpart of {@code multiprocessing.Pool}.
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
 * and no other; it is replaced. With {@link Builder#retries} such tasks run again. The kernel kills
 * all workers when the process that owns the pool dies, however it dies.
 *
 * <h2>Memory effects</h2>
 *
 * What a process did to shared memory before it submitted a task is visible to the task, and what
 * the task did is visible to whoever has its result.
 *
 * <h2>Cost</h2>
 *
 * A task costs some microseconds here and in the worker when they are busy, and up to two wake-ups
 * of a sleeping process, some 50 microseconds each, when they are not; the calling thread of {@link
 * #apply} is the only one in between, other tasks need two in this process. {@link #map} puts short
 * items together. Starting a worker is starting a virtual machine.
 */
public final class ProcessPool extends StreamExecutor implements ExecutorService {
  private static final AtomicInteger POOLS = new AtomicInteger();

  private final @Nullable ProcessPool origin;

  private ProcessPool(
      Dispatcher dispatcher,
      TaskOptions options,
      @Nullable ProgressListener listener,
      @Nullable ProcessPool origin) {
    super(dispatcher, options, listener);
    this.origin = origin;
  }

  /** Returns a builder of a pool with as many workers as this process may use processors. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns this pool with other options for the tasks that it is given by way of the result: a
   * priority, time limits, retries, a name. Both are one pool: closing either closes it.
   *
   * @param taskOptions the options
   * @return the same workers, by other options
   */
  public ProcessPool with(TaskOptions taskOptions) {
    ProcessPool first = origin == null ? this : origin; // which is not to be forgotten
    return new ProcessPool(dispatcher(), taskOptions, listener(), first);
  }

  /** Returns how many workers run tasks; that changes where least and most differ. */
  public int size() {
    return dispatcher().size();
  }

  /** Returns what the pool is doing and has done. */
  public PoolInsights insights() {
    return dispatcher().insights();
  }

  /**
   * Shares an object with all workers; see {@link SharedConstant}.
   *
   * @param <T> its type
   * @param value the object; copied once, now
   * @return what tasks may capture instead of the object
   */
  public <T> SharedConstant<T> share(T value) {
    return SharedConstant.of(value);
  }

  // --- map ---

  /**
   * Applies a function to each item, in the workers; waits for all of them. Items are handed out in
   * chunks of a few milliseconds of work, by the time that items have taken so far. If several
   * fail, the exception is that of the first in the order of the items.
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
    return await(startMap(function, items, checked(chunkSize)));
  }

  /** As {@link #map(SerializableFunction, Iterable)}, and does not wait. */
  public <T extends @Nullable Object, R extends @Nullable Object> TaskFuture<List<R>> mapAsync(
      SerializableFunction<? super T, ? extends R> function, Iterable<? extends T> items) {
    return future(startMap(function, items, 0));
  }

  /** As {@link #map(SerializableFunction, Iterable, int)}, and does not wait. */
  public <T extends @Nullable Object, R extends @Nullable Object> TaskFuture<List<R>> mapAsync(
      SerializableFunction<? super T, ? extends R> function,
      Iterable<? extends T> items,
      int chunkSize) {
    return future(startMap(function, items, checked(chunkSize)));
  }

  /**
   * As {@link #mapAsync(SerializableFunction, Iterable, int)}, with callbacks, of which one is
   * called once, in a virtual thread.
   *
   * @param <T> type of the items
   * @param <R> type of the results
   * @param function what to apply
   * @param items what to apply it to
   * @param callback gets the results; null for none
   * @param errorCallback gets the exception, if there is one; null for none
   * @return the results to come
   */
  public <T extends @Nullable Object, R extends @Nullable Object> TaskFuture<List<R>> mapAsync(
      SerializableFunction<? super T, ? extends R> function,
      Iterable<? extends T> items,
      @Nullable Consumer<? super List<R>> callback,
      @Nullable Consumer<? super Throwable> errorCallback) {
    return called(future(startMap(function, items, 0)), callback, errorCallback);
  }

  /**
   * As {@link #map(SerializableFunction, Iterable)}, for a function of two arguments.
   *
   * @param <A> type of the first arguments
   * @param <B> type of the second arguments
   * @param <R> type of the results
   * @param function what to apply
   * @param arguments its arguments, such as {@code Map.entry(1, "a")}, or the entries of a map
   * @return the results in the order of the arguments
   * @throws InterruptedException if the thread is interrupted; the rest of the work is dropped
   */
  public <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
      List<R> starmap(
          SerializableBiFunction<? super A, ? super B, ? extends R> function,
          Iterable<? extends Map.Entry<? extends A, ? extends B>> arguments)
          throws InterruptedException {
    return await(startStarmap(function, arguments, 0));
  }

  /** As {@link #starmap(SerializableBiFunction, Iterable)}, with chunks of a given size. */
  public <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
      List<R> starmap(
          SerializableBiFunction<? super A, ? super B, ? extends R> function,
          Iterable<? extends Map.Entry<? extends A, ? extends B>> arguments,
          int chunkSize)
          throws InterruptedException {
    return await(startStarmap(function, arguments, checked(chunkSize)));
  }

  /** As {@link #starmap(SerializableBiFunction, Iterable)}, and does not wait. */
  public <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
      TaskFuture<List<R>> starmapAsync(
          SerializableBiFunction<? super A, ? super B, ? extends R> function,
          Iterable<? extends Map.Entry<? extends A, ? extends B>> arguments) {
    return future(startStarmap(function, arguments, 0));
  }

  /** As {@link #starmap(SerializableBiFunction, Iterable, int)}, and does not wait. */
  public <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
      TaskFuture<List<R>> starmapAsync(
          SerializableBiFunction<? super A, ? super B, ? extends R> function,
          Iterable<? extends Map.Entry<? extends A, ? extends B>> arguments,
          int chunkSize) {
    return future(startStarmap(function, arguments, checked(chunkSize)));
  }

  private MapJob startStarmap(
      SerializableBiFunction<?, ?, ?> function,
      Iterable<? extends Map.Entry<?, ?>> arguments,
      int chunk) {
    Objects.requireNonNull(function);
    return startMap(new Functions.Spread<>(function), Functions.pairs(arguments), chunk);
  }

  private MapJob startMap(
      SerializableFunction<?, ?> function, Iterable<? extends @Nullable Object> items, int chunk) {
    List<@Nullable Object> list = new ArrayList<>();
    items.forEach(list::add);
    JobSpec spec = spec(function, chunk, OptionalLong.of(list.size()));
    MapJob job = dispatcher().submit(id -> new MapJob(id, spec, list));
    ProgressMeter meter = spec.meter();
    if (meter != null) {
      meter.begin(job.id());
      CompletableFuture<?> _ = job.done().whenComplete((_, _) -> meter.end());
    }
    return job;
  }

  private <R extends @Nullable Object> List<R> await(MapJob job) throws InterruptedException {
    try {
      @SuppressWarnings("unchecked") // the function gives values of R
      List<R> results = (List<R>) (List<?>) job.done().get();
      return results;
    } catch (ExecutionException e) {
      dispatcher().abandon(job, e);
      throw Failure.sneak(Objects.requireNonNullElse(e.getCause(), e));
    } catch (InterruptedException e) {
      dispatcher().abandon(job, e);
      throw e;
    }
  }

  private <R extends @Nullable Object> TaskFuture<List<R>> future(MapJob job) {
    TaskFuture<List<R>> future = new TaskFuture<>(dispatcher());
    job.setFuture(future);
    CompletableFuture<?> _ =
        job.done()
            .whenComplete(
                (results, thrown) -> {
                  future.finished();
                  Thread.startVirtualThread(() -> complete(future, results, thrown));
                });
    return future;
  }

  @SuppressWarnings("unchecked") // the function gives values of R
  private static <R extends @Nullable Object> void complete(
      TaskFuture<List<R>> future, @Nullable List<?> results, @Nullable Throwable thrown) {
    if (thrown == null) {
      future.complete((List<R>) Objects.requireNonNull(results));
    } else {
      future.completeExceptionally(thrown);
    }
  }

  private static <V extends @Nullable Object> TaskFuture<V> called(
      TaskFuture<V> future,
      @Nullable Consumer<? super V> callback,
      @Nullable Consumer<? super Throwable> errorCallback) {
    CompletableFuture<?> _ =
        future.whenComplete(
            (value, thrown) -> {
              if (thrown != null && errorCallback != null) {
                errorCallback.accept(thrown);
              } else if (thrown == null && callback != null) {
                callback.accept(value);
              }
            });
    return future;
  }

  // --- apply ---

  /**
   * Runs a task in a worker and waits for its value. The calling thread takes the value from the
   * worker itself: that is several times faster than to submit the task and ask its future.
   *
   * @param <R> type of the value
   * @param task what to run
   * @return its value
   * @throws InterruptedException if the thread is interrupted, which it notices within 50
   *     milliseconds; the task is cancelled then
   */
  @SuppressWarnings({"unchecked", "NullAway"}) // the task gives values of R
  public <R extends @Nullable Object> R apply(SerializableCallable<R> task)
      throws InterruptedException {
    Payload payload = encode(task);
    DirectCall call =
        dispatcher().submitQuietly(id -> new DirectCall(id, options(), payload, task.toString()));
    try {
      return (R) DirectCall.valueOf(dispatcher().help().await(call));
    } catch (ExecutionException e) {
      throw Failure.sneak(Objects.requireNonNullElse(e.getCause(), e));
    } catch (InterruptedException e) {
      dispatcher().cancelled(call, true);
      throw e;
    }
  }

  /** As {@link #apply(SerializableCallable)}, for a function and its argument. */
  public <T extends @Nullable Object, R extends @Nullable Object> R apply(
      SerializableFunction<? super T, ? extends R> function, T argument)
      throws InterruptedException {
    return apply(new Functions.Applied<T, R>(function, argument));
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

  /** As {@link #applyAsync(SerializableCallable)}, for a function and its argument. */
  public <T extends @Nullable Object, R extends @Nullable Object> TaskFuture<R> applyAsync(
      SerializableFunction<? super T, ? extends R> function, T argument) {
    return start(new Functions.Applied<T, R>(function, argument));
  }

  /**
   * As {@link #applyAsync(SerializableCallable)}, with callbacks, of which one is called once, in a
   * virtual thread.
   *
   * @param <R> type of the value
   * @param task what to run
   * @param callback gets the value; null for none
   * @param errorCallback gets the exception, if there is one; null for none
   * @return its value to come
   */
  public <R extends @Nullable Object> TaskFuture<R> applyAsync(
      SerializableCallable<R> task,
      @Nullable Consumer<? super R> callback,
      @Nullable Consumer<? super Throwable> errorCallback) {
    return called(start(task), callback, errorCallback);
  }

  /** Says how a pool is to be. */
  public static final class Builder extends PoolSettings {
    private Builder() {}

    /**
     * Makes the pool and starts its workers.
     *
     * @return the pool
     * @throws multiprocessing.error.StartException if a worker cannot be started; none is left then
     * @throws multiprocessing.error.SerializationException if the initializer cannot travel
     * @throws IllegalStateException if there may be no more pools or processes of this tree
     */
    public ProcessPool build() {
      PoolPlan plan = plan();
      Dispatcher dispatcher = new Dispatcher(plan);
      String name = "multiprocessing-pool-" + POOLS.incrementAndGet();
      dispatcher.start(name);
      ProcessPool pool = new ProcessPool(dispatcher, plan.tasks(), listener(), null);
      Leftover.watch(pool, dispatcher, name);
      return pool;
    }
  }
}
