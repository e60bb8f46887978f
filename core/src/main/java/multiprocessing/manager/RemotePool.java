package multiprocessing.manager;

import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What the server knows of a pool: tasks, items and results are {@linkplain Parcels parcels}, which
 * clients and workers pack and open. A chunk size of 0 leaves that to the pool. What a task throws
 * passes as it is. {@code Exception} is declared where calls can be interrupted, too.
 */
interface RemotePool {
  /** The outcome of a task to come. */
  interface Result {
    /** Waits for a parcel, or for a list of them. */
    Object get(long nanos) throws InterruptedException, ExecutionException, TimeoutException;

    boolean cancel(boolean mayInterruptIfRunning);

    boolean isDone();

    boolean isCancelled();
  }

  /** Results one after the other. */
  interface Results {
    /** Waits for the next one; null if there are no more. */
    byte @Nullable [] next() throws Exception;

    void close();
  }

  byte[] apply(byte[] task) throws Exception;

  Result applyAsync(byte[] task);

  void execute(byte[] task);

  List<byte[]> map(byte[] function, List<byte[]> items, int chunkSize) throws Exception;

  Result mapAsync(byte[] function, List<byte[]> items, int chunkSize);

  Results imap(byte[] function, List<byte[]> items, int chunkSize, boolean ordered);

  byte[] invokeAny(List<byte[]> tasks, long nanos)
      throws InterruptedException, ExecutionException, TimeoutException;

  int size();

  void shutdown();

  void terminate();

  boolean isShutdown();

  boolean isTerminated();

  boolean awaitTermination(long nanos) throws InterruptedException;
}
