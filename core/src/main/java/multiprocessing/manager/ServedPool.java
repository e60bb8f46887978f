package multiprocessing.manager;

import java.io.Serial;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import multiprocessing.pool.ProcessPool;
import multiprocessing.process.SerializableFunction;
import org.jspecify.annotations.Nullable;

/** A pool of the server's process. */
final class ServedPool implements RemotePool, Served, Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private final transient ProcessPool pool;

  /**
   * Starts a pool, for a client that may have code run in processes of this tree.
   *
   * @throws IllegalStateException if it may not
   */
  ServedPool(SerializableFunction<ProcessPool.Builder, ProcessPool.Builder> settings) {
    checkTrust();
    this.pool =
        settings
            .apply(ProcessPool.builder().startMethod(Caller.current().client().server().method()))
            .build();
  }

  /** Parcels pass the filter of a server by. */
  private static void checkTrust() {
    if (!Caller.current().client().server().trustsClients()) {
      throw new IllegalStateException(
          "a manager that other programs connect to has no pools: they would run any code here;"
              + " register an interface whose methods use a pool of the server's own");
    }
  }

  @Override
  public Class<?> face() {
    return RemotePool.class;
  }

  @Serial
  private Object writeReplace() {
    return Reference.of(this);
  }

  @Override
  public byte[] apply(byte[] task) throws InterruptedException {
    return pool.apply(new Parcels.Task(task));
  }

  @Override
  public Result applyAsync(byte[] task) {
    return new ServedResult(this, pool.applyAsync(new Parcels.Task(task)));
  }

  @Override
  public void execute(byte[] task) {
    Parcels.Task parcel = new Parcels.Task(task);
    pool.execute(() -> parcel.call());
  }

  @Override
  public List<byte[]> map(byte[] function, List<byte[]> items, int chunkSize)
      throws InterruptedException {
    Parcels.Function opened = new Parcels.Function(function);
    return chunkSize == 0 ? pool.map(opened, items) : pool.map(opened, items, chunkSize);
  }

  @Override
  public Result mapAsync(byte[] function, List<byte[]> items, int chunkSize) {
    Parcels.Function opened = new Parcels.Function(function);
    return new ServedResult(
        this,
        chunkSize == 0 ? pool.mapAsync(opened, items) : pool.mapAsync(opened, items, chunkSize));
  }

  @Override
  public Results imap(byte[] function, List<byte[]> items, int chunkSize, boolean ordered) {
    Parcels.Function opened = new Parcels.Function(function);
    Stream<byte[]> stream;
    if (chunkSize == 0) {
      stream = ordered ? pool.imap(opened, items) : pool.imapUnordered(opened, items);
    } else {
      stream =
          ordered
              ? pool.imap(opened, items, chunkSize)
              : pool.imapUnordered(opened, items, chunkSize);
    }
    return new ServedResults(this, stream);
  }

  @Override
  public byte[] invokeAny(List<byte[]> tasks, long nanos)
      throws InterruptedException, ExecutionException, TimeoutException {
    return pool.invokeAny(tasks.stream().map(Parcels.Task::new).toList(), nanos, NANOS);
  }

  @Override
  public int size() {
    return pool.size();
  }

  @Override
  public void shutdown() {
    pool.shutdown();
  }

  @Override
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
  public boolean awaitTermination(long nanos) throws InterruptedException {
    return pool.awaitTermination(nanos, NANOS);
  }

  @Override
  public String toString() {
    return "Pool[" + size() + (isShutdown() ? " workers, shut down]" : " workers]");
  }

  private static final TimeUnit NANOS = TimeUnit.NANOSECONDS;

  /** A future of the server's; it keeps the pool from being forgotten. */
  private static final class ServedResult implements Result, Served, Serializable {
    @Serial private static final long serialVersionUID = 1L;

    private final transient ServedPool pool;
    private final transient Future<?> future;

    ServedResult(ServedPool pool, Future<?> future) {
      this.pool = pool;
      this.future = future;
    }

    @Override
    public Class<?> face() {
      return Result.class;
    }

    @Serial
    private Object writeReplace() {
      return Reference.of(this);
    }

    @Override
    public Object get(long nanos)
        throws InterruptedException, ExecutionException, TimeoutException {
      return future.get(nanos, NANOS);
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      return future.cancel(mayInterruptIfRunning);
    }

    @Override
    public boolean isDone() {
      return future.isDone();
    }

    @Override
    public boolean isCancelled() {
      return future.isCancelled();
    }

    @Override
    public String toString() {
      return "Result of " + pool + "[" + future.state() + "]";
    }
  }

  /** A stream of the server's. */
  private static final class ServedResults implements Results, Served, Serializable {
    @Serial private static final long serialVersionUID = 1L;

    private final transient ServedPool pool;
    private final transient Stream<byte[]> stream;
    private final transient Iterator<byte[]> iterator;

    ServedResults(ServedPool pool, Stream<byte[]> stream) {
      this.pool = pool;
      this.stream = stream;
      this.iterator = stream.iterator();
    }

    @Override
    public Class<?> face() {
      return Results.class;
    }

    @Serial
    private Object writeReplace() {
      return Reference.of(this);
    }

    @Override
    public synchronized byte @Nullable [] next() throws InterruptedException {
      return iterator.hasNext() ? iterator.next() : null;
    }

    @Override
    public void close() {
      stream.close();
    }

    @Override
    public String toString() {
      return "Results of " + pool;
    }
  }
}
