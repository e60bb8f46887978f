package multiprocessing.manager;

import java.io.Serial;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import multiprocessing.process.SerializableBiFunction;
import multiprocessing.process.SerializableCallable;
import multiprocessing.process.SerializableFunction;
import multiprocessing.process.SerializableRunnable;
import org.jspecify.annotations.Nullable;

/**
 * A pool of workers that belongs to the server of a {@link Manager}, for any number of processes to
 * give tasks to. The counterpart of what {@code SyncManager.Pool()} returns.
 *
 * {@snippet :
 * try (Manager manager = Multiprocessing.manager();
 *     ManagedPool pool = manager.pool(4)) {
 *   ChildProcess child =
 *       ChildProcess.of(() -> System.out.println(pool.map(x -> x * x, List.of(1, 2, 3))));
 *   child.start();
 *   child.join();
 * }
 * }
 *
 * <p>It does what a {@link multiprocessing.pool.ProcessPool} does. Tasks, items and results go from
 * the client to a worker and back without being opened in the server.
 *
 * <h2>Sharing</h2>
 *
 * Travels to any process of the tree, as its {@link ManagedFuture}s do.
 *
 * <h2>Memory effects</h2>
 *
 * What a process did to shared memory before it submitted a task is visible to the task, and what
 * the task did is visible to whoever has its result.
 *
 * <h2>If a process dies</h2>
 *
 * A worker that dies fails its task, with a {@link multiprocessing.error.WorkerLostException}, and
 * is replaced. A client that dies takes what it waited for with it; tasks that it submitted and did
 * not wait for run. With the server all workers end, and each call fails. A pool that no process
 * refers to any more ends when its work is done and the server's memory is next collected.
 *
 * <h2>Cost</h2>
 *
 * That of a call of the manager, above that of a task of the pool: a process that has a pool for
 * itself uses a {@code ProcessPool}.
 */
public final class ManagedPool implements ExecutorService, Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private static final TimeUnit NANOS = TimeUnit.NANOSECONDS;

  private final transient RemotePool pool;

  ManagedPool(RemotePool pool) {
    this.pool = pool;
  }

  @Serial
  private Object writeReplace() {
    return new Sent(pool);
  }

  /** What travels of a pool: what is known of executors does not. */
  private static final class Sent implements Serializable {
    @Serial private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // it travels as a reference
    private final RemotePool pool;

    Sent(RemotePool pool) {
      this.pool = pool;
    }

    @Serial
    private Object readResolve() {
      return new ManagedPool(pool);
    }
  }

  // --- apply ---

  /**
   * Runs a task in a worker and waits for its value; throws what it throws.
   *
   * @param <R> type of the value
   * @param task what to run
   * @return its value
   * @throws InterruptedException if the thread is interrupted; the task is cancelled then
   */
  @SuppressWarnings({"unchecked", "NullAway"}) // the task gives values of R
  public <R extends @Nullable Object> R apply(SerializableCallable<R> task)
      throws InterruptedException {
    byte[] parcel = Parcels.pack(task, "task");
    return (R) Parcels.open(Parcels.call(() -> pool.apply(parcel)));
  }

  /** As {@link #apply(SerializableCallable)}, for a function and its argument. */
  public <T extends @Nullable Object, R extends @Nullable Object> R apply(
      SerializableFunction<? super T, ? extends R> function, T argument)
      throws InterruptedException {
    return apply(new Parcels.Applied<T, R>(function, argument));
  }

  /**
   * Has a worker run a task.
   *
   * @param <R> type of the value
   * @param task what to run
   * @return its value to come
   * @throws java.util.concurrent.RejectedExecutionException if the pool is closed or has failed
   */
  public <R extends @Nullable Object> ManagedFuture<R> applyAsync(SerializableCallable<R> task) {
    return start(task);
  }

  /** As {@link #applyAsync(SerializableCallable)}, for a function and its argument. */
  public <T extends @Nullable Object, R extends @Nullable Object> ManagedFuture<R> applyAsync(
      SerializableFunction<? super T, ? extends R> function, T argument) {
    return start(new Parcels.Applied<T, R>(function, argument));
  }

  private <R extends @Nullable Object> ManagedFuture<R> start(SerializableCallable<R> task) {
    return new ManagedFuture<>(pool.applyAsync(Parcels.pack(task, "task")));
  }

  // --- map ---

  /**
   * Applies a function to each item, in the workers; waits for all of them. Throws what the first
   * item that failed has thrown.
   *
   * @param <T> type of the items
   * @param <R> type of the results
   * @param function what to apply
   * @param items what to apply it to; all are read and sent first
   * @return the results in the order of the items
   * @throws InterruptedException if the thread is interrupted; the rest of the work is dropped
   */
  public <T extends @Nullable Object, R extends @Nullable Object> List<R> map(
      SerializableFunction<? super T, ? extends R> function, Iterable<? extends T> items)
      throws InterruptedException {
    return map(pack(function), Parcels.packAll(items), 0);
  }

  /** As {@link #map(SerializableFunction, Iterable)}, with chunks of a given size. */
  public <T extends @Nullable Object, R extends @Nullable Object> List<R> map(
      SerializableFunction<? super T, ? extends R> function,
      Iterable<? extends T> items,
      int chunkSize)
      throws InterruptedException {
    return map(pack(function), Parcels.packAll(items), checked(chunkSize));
  }

  private <R extends @Nullable Object> List<R> map(byte[] function, List<byte[]> items, int chunk)
      throws InterruptedException {
    return Parcels.openAll(Parcels.call(() -> pool.map(function, items, chunk)));
  }

  /** As {@link #map(SerializableFunction, Iterable)}, and does not wait. */
  public <T extends @Nullable Object, R extends @Nullable Object> ManagedFuture<List<R>> mapAsync(
      SerializableFunction<? super T, ? extends R> function, Iterable<? extends T> items) {
    return new ManagedFuture<>(pool.mapAsync(pack(function), Parcels.packAll(items), 0));
  }

  /** As {@link #map(SerializableFunction, Iterable, int)}, and does not wait. */
  public <T extends @Nullable Object, R extends @Nullable Object> ManagedFuture<List<R>> mapAsync(
      SerializableFunction<? super T, ? extends R> function,
      Iterable<? extends T> items,
      int chunkSize) {
    return new ManagedFuture<>(
        pool.mapAsync(pack(function), Parcels.packAll(items), checked(chunkSize)));
  }

  /**
   * Applies a function of two arguments, as {@link #map} does.
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
    return this.map(new Parcels.Spread<R>(widened(function)), pairs(arguments));
  }

  /** As {@link #starmap}, and does not wait. */
  public <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
      ManagedFuture<List<R>> starmapAsync(
          SerializableBiFunction<? super A, ? super B, ? extends R> function,
          Iterable<? extends Map.Entry<? extends A, ? extends B>> arguments) {
    return this.mapAsync(new Parcels.Spread<R>(widened(function)), pairs(arguments));
  }

  @SuppressWarnings("unchecked") // what gives a subtype of R gives an R
  private static <R extends @Nullable Object> SerializableBiFunction<?, ?, R> widened(
      SerializableBiFunction<?, ?, ? extends R> function) {
    return (SerializableBiFunction<?, ?, R>) function;
  }

  private static List<Parcels.Pair> pairs(Iterable<? extends Map.Entry<?, ?>> entries) {
    List<Parcels.Pair> pairs = new ArrayList<>();
    for (Map.Entry<?, ?> entry : entries) {
      pairs.add(new Parcels.Pair(entry.getKey(), entry.getValue()));
    }
    return pairs;
  }

  /**
   * Applies a function to each item, in the workers, and gives the results one after the other. An
   * item that failed throws when its turn comes; the next ones follow.
   *
   * @param <T> type of the items
   * @param <R> type of the results
   * @param function what to apply
   * @param items what to apply it to; all are read and sent first
   * @return the results in the order of the items, one round trip each; to close it drops the rest
   */
  public <T extends @Nullable Object, R extends @Nullable Object> Stream<R> imap(
      SerializableFunction<? super T, ? extends R> function, Iterable<? extends T> items) {
    return stream(pool.imap(pack(function), Parcels.packAll(items), 0, true));
  }

  /** As {@link #imap(SerializableFunction, Iterable)}, with chunks of a given size. */
  public <T extends @Nullable Object, R extends @Nullable Object> Stream<R> imap(
      SerializableFunction<? super T, ? extends R> function,
      Iterable<? extends T> items,
      int chunkSize) {
    return stream(pool.imap(pack(function), Parcels.packAll(items), checked(chunkSize), true));
  }

  /** As {@link #imap(SerializableFunction, Iterable)}, with each result as soon as it is there. */
  public <T extends @Nullable Object, R extends @Nullable Object> Stream<R> imapUnordered(
      SerializableFunction<? super T, ? extends R> function, Iterable<? extends T> items) {
    return stream(pool.imap(pack(function), Parcels.packAll(items), 0, false));
  }

  /** As {@link #imapUnordered(SerializableFunction, Iterable)}, with chunks of a given size. */
  public <T extends @Nullable Object, R extends @Nullable Object> Stream<R> imapUnordered(
      SerializableFunction<? super T, ? extends R> function,
      Iterable<? extends T> items,
      int chunkSize) {
    return stream(pool.imap(pack(function), Parcels.packAll(items), checked(chunkSize), false));
  }

  private static <R extends @Nullable Object> Stream<R> stream(RemotePool.Results results) {
    Spliterator<R> spliterator =
        Spliterators.spliteratorUnknownSize(new Remaining<R>(results), Spliterator.ORDERED);
    return StreamSupport.stream(spliterator, false).onClose(results::close);
  }

  /** The results that have not been read. */
  private static final class Remaining<R extends @Nullable Object> implements Iterator<R> {
    private final RemotePool.Results results;
    private byte @Nullable [] next;
    private boolean isOver;

    Remaining(RemotePool.Results results) {
      this.results = results;
    }

    @Override
    public boolean hasNext() {
      if (next == null && !isOver) {
        try {
          next = Parcels.call(results::next);
          isOver = next == null;
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          results.close();
          throw new CancellationException("interrupted while waiting for a result of a pool");
        }
      }
      return !isOver;
    }

    @Override
    @SuppressWarnings({"unchecked", "NullAway"}) // the function gives values of R
    public R next() {
      byte[] parcel = hasNext() ? next : null;
      if (parcel == null) {
        throw new NoSuchElementException("there are no more results");
      }
      next = null;
      return (R) Parcels.open(parcel);
    }
  }

  private static byte[] pack(SerializableFunction<?, ?> function) {
    return Parcels.pack(function, "function");
  }

  private static int checked(int chunkSize) {
    if (chunkSize < 1) {
      throw new IllegalArgumentException("chunks of " + chunkSize + " items");
    }
    return chunkSize;
  }

  // --- what an executor does ---

  /** As {@link #applyAsync(SerializableCallable)}. */
  public <R extends @Nullable Object> ManagedFuture<R> submit(SerializableCallable<R> task) {
    return start(task);
  }

  /** As {@link #applyAsync(SerializableCallable)}, for a task without a value. */
  public ManagedFuture<@Nullable Void> submit(SerializableRunnable task) {
    return start(new Parcels.Run<@Nullable Void>(task, null));
  }

  /**
   * As {@link #applyAsync(SerializableCallable)}.
   *
   * @throws multiprocessing.error.SerializationException if the task is not serializable
   */
  @Override
  public <R extends @Nullable Object> ManagedFuture<R> submit(Callable<R> task) {
    return start(Parcels.Called.of(task));
  }

  /**
   * As {@link #submit(SerializableRunnable)}.
   *
   * @throws multiprocessing.error.SerializationException if the task is not serializable
   */
  @Override
  public ManagedFuture<@Nullable Void> submit(Runnable task) {
    return start(new Parcels.Run<@Nullable Void>(task, null));
  }

  /**
   * As {@link #submit(SerializableRunnable)}, for a task whose value is known beforehand.
   *
   * @throws multiprocessing.error.SerializationException if the task is not serializable
   */
  @Override
  public <R extends @Nullable Object> ManagedFuture<R> submit(Runnable task, R result) {
    return start(new Parcels.Run<>(task, result));
  }

  /** As {@link #submit(SerializableRunnable)}; an exception goes to the server's stderr. */
  public void execute(SerializableRunnable task) {
    execute((Runnable) task);
  }

  /** As {@link #submit(Runnable)}; an exception of the task goes to the server's stderr. */
  @Override
  public void execute(Runnable task) {
    pool.execute(Parcels.pack(new Parcels.Run<@Nullable Void>(task, null), "task"));
  }

  @Override
  public <T extends @Nullable Object> List<Future<T>> invokeAll(
      Collection<? extends Callable<T>> tasks) throws InterruptedException {
    return invokeAll(tasks, Long.MAX_VALUE, NANOS);
  }

  @Override
  public <T extends @Nullable Object> List<Future<T>> invokeAll(
      Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
      throws InterruptedException {
    long nanos = unit.toNanos(timeout);
    long start = System.nanoTime();
    List<Future<T>> futures = new ArrayList<>();
    boolean done = false;
    try {
      for (Callable<T> task : tasks) {
        futures.add(submit(task));
      }
      done = true;
      for (Future<T> future : futures) {
        long left = nanos == Long.MAX_VALUE ? nanos : nanos - (System.nanoTime() - start);
        done &= ((ManagedFuture<T>) future).await(Duration.ofNanos(Math.max(0, left)));
      }
    } catch (InterruptedException | RuntimeException e) {
      done = false;
      throw e;
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
      return invokeAny(tasks, Long.MAX_VALUE, NANOS);
    } catch (TimeoutException e) {
      throw new AssertionError("a wait without end has ended", e);
    }
  }

  @Override
  @SuppressWarnings({"unchecked", "NullAway"}) // the tasks give values of T
  public <T extends @Nullable Object> T invokeAny(
      Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    List<byte[]> parcels = new ArrayList<>();
    for (Callable<T> task : tasks) {
      parcels.add(Parcels.pack(Parcels.Called.of(task), "task"));
    }
    return (T) Parcels.open(pool.invokeAny(parcels, unit.toNanos(timeout)));
  }

  // --- its end ---

  /** Returns how many workers it has. */
  public int size() {
    return pool.size();
  }

  /** No more tasks are taken, of whatever process; those that were taken run. Returns at once. */
  @Override
  public void shutdown() {
    pool.shutdown();
  }

  /**
   * As {@link #terminate()}.
   *
   * @return no tasks: those that nobody has begun are cancelled, and their futures tell so
   */
  @Override
  public List<Runnable> shutdownNow() {
    pool.terminate();
    return List.of();
  }

  /** Drops all work and ends all workers now, and waits for their end. May be called again. */
  public void terminate() {
    pool.terminate();
  }

  @Override
  public boolean isShutdown() {
    return pool.isShutdown();
  }

  @Override
  public boolean isTerminated() {
    return pool.isTerminated();
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return pool.awaitTermination(unit.toNanos(timeout));
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
    boolean _ = awaitTermination(Long.MAX_VALUE, NANOS);
  }

  @Override
  public String toString() {
    return pool.toString();
  }
}
