package multiprocessing.pool;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import multiprocessing.error.SerializationException;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.serial.RemoteFailure;
import org.jspecify.annotations.Nullable;

/**
 * A function applied to each item of a list. Used under the dispatcher's lock, but for {@link
 * #done}.
 */
final class MapJob extends Job {
  private final List<? extends @Nullable Object> items;
  private final @Nullable Object[] results;
  private final CompletableFuture<List<@Nullable Object>> done = new CompletableFuture<>();
  private volatile @Nullable TaskFuture<?> future;

  private int next;
  private int ended;
  private long failedAt = Long.MAX_VALUE;
  private @Nullable Throwable failure;

  MapJob(long id, JobSpec spec, List<? extends @Nullable Object> items) {
    super(id, spec);
    this.items = items;
    this.results = new Object[items.size()];
    if (items.isEmpty()) {
      done.complete(new ArrayList<>());
    }
  }

  /** Completes when every item has ended, with an exception if any item failed. */
  CompletableFuture<List<@Nullable Object>> done() {
    return done;
  }

  void setFuture(TaskFuture<?> value) {
    future = value;
  }

  @Override
  boolean isFor(Object key) {
    return future == key;
  }

  @Override
  boolean isEnded() {
    return done.isDone();
  }

  @Override
  boolean isExhausted() {
    return next >= items.size() || done.isDone();
  }

  /** Never more than what leaves each worker two more chunks, so that they end at the same time. */
  @Override
  @Nullable ItemsTask nextTask(Dispatcher dispatcher, boolean hurry) {
    if (isExhausted()) {
      return null;
    }
    int left = items.size() - next;
    int size = chunks().next(left / (2L * dispatcher.size()));
    ItemsTask task = new ItemsTask(dispatcher.nextId(), this, next, Math.min(size, left), null, 0);
    next += task.count();
    return task;
  }

  /** An item that cannot travel ends the job. */
  @Override
  void encode(Message.Builder message, ItemsTask task) {
    Codec codec = Codec.shared();
    int from = (int) task.from();
    for (int i = from; i < from + task.count(); i++) {
      try {
        message.add((byte) 0, codec.encode(items.get(i), "item"));
      } catch (SerializationException e) {
        fail(e);
        return;
      }
    }
  }

  @Override
  int receive(ItemsTask task, byte[] message) {
    Message.Pieces outcomes = new Message.Pieces(message);
    int count = 0;
    while (outcomes.next()) {
      int index = task.received() + count++;
      Object value;
      try {
        value = outcomes.decode(Codec.shared());
      } catch (Throwable undecodable) {
        itemFailed(task, index, undecodable);
        continue;
      }
      if (value instanceof RemoteFailure remote && outcomes.mark() == WorkerLoop.ITEM_FAILURE) {
        itemFailed(task, index, remote.toThrowable());
      } else {
        results[(int) task.from() + index] = value;
        itemEnded();
      }
    }
    return count;
  }

  @Override
  void itemFailed(ItemsTask task, int index, Throwable thrown) {
    long at = task.from() + index;
    if (at < failedAt) {
      failedAt = at;
      failure = thrown;
    }
    itemEnded();
  }

  private void itemEnded() {
    if (++ended == items.size()) {
      Throwable thrown = failure;
      if (thrown == null) {
        done.complete(new ArrayList<>(Arrays.asList(results)));
      } else {
        done.completeExceptionally(thrown);
      }
    }
  }

  /** Ends the job now; what is under way is dropped when it comes. */
  @Override
  public void fail(Throwable reason) {
    done.completeExceptionally(reason);
  }

  @Override
  String describe(ItemsTask task, int index) {
    long at = task.from() + index;
    return describe(at, items.get((int) at));
  }
}
