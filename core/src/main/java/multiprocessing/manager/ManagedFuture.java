package multiprocessing.manager;

import java.io.Serial;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The value to come of a task of a {@link ManagedPool}. The counterpart of {@code AsyncResult}.
 *
 * <p>It travels as the objects of a {@link Manager} do: any process of the tree may wait for the
 * value. Each call is one round trip; {@code get} waits in the server.
 *
 * @param <R> the type of the value
 */
public final class ManagedFuture<R extends @Nullable Object> implements Future<R>, Serializable {
  @Serial private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial") // it travels as a reference
  private final RemotePool.Result result;

  ManagedFuture(RemotePool.Result result) {
    this.result = result;
  }

  @Override
  public R get() throws InterruptedException, ExecutionException {
    try {
      return get(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("a wait without end has ended", e);
    }
  }

  @Override
  @SuppressWarnings({
    "unchecked",
    "NullAway"
  }) // of a map the value is a list, by the type that its future has
  public R get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    Object got = result.get(unit.toNanos(timeout));
    return got instanceof byte[] parcel
        ? (R) Parcels.open(parcel)
        : (R) Parcels.<@Nullable Object>openAll((List<byte[]>) got);
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
    return get(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS);
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
      Object _ = result.get(TimeUnit.NANOSECONDS.convert(timeout));
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException | CancellationException e) {
      return true;
    }
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    return result.cancel(mayInterruptIfRunning);
  }

  @Override
  public boolean isCancelled() {
    return result.isCancelled();
  }

  @Override
  public boolean isDone() {
    return result.isDone();
  }

  @Override
  public String toString() {
    return result.toString();
  }
}
