package multiprocessing.pool;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import multiprocessing.error.SerializationException;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.serial.Payload;
import multiprocessing.internal.serial.RemoteFailure;
import org.jspecify.annotations.Nullable;

/**
 * A function applied to each of many items, in chunks. Used under the dispatcher's lock, but for
 * {@link #done}.
 */
final class MapJob {
  private static final long CHUNK_NANOS = 5_000_000;
  private static final int GROWTH = 8;

  private final long id;
  private final Payload function;
  private final List<?> items;
  private final @Nullable Object[] results;
  private final int fixedChunk;
  private final CompletableFuture<List<@Nullable Object>> done = new CompletableFuture<>();

  private int next;
  private int ended;
  private int failedAt = Integer.MAX_VALUE;
  private @Nullable Throwable failure;
  private long measuredNanos;
  private long measuredItems;
  private int lastChunk = 1;

  /** A job; {@code chunk} is the size of its chunks, or 0 to follow the time that items take. */
  MapJob(long id, Payload function, List<?> items, int chunk) {
    this.id = id;
    this.function = function;
    this.items = items;
    this.results = new Object[items.size()];
    this.fixedChunk = chunk;
    if (items.isEmpty()) {
      done.complete(new ArrayList<>());
    }
  }

  long id() {
    return id;
  }

  Payload function() {
    return function;
  }

  /** Completes when every item has ended, with an exception if any item failed. */
  CompletableFuture<List<@Nullable Object>> done() {
    return done;
  }

  boolean isEnded() {
    return done.isDone();
  }

  /** The next chunk, or null if all items are under way. */
  @Nullable Task nextTask(Dispatcher dispatcher) {
    if (next >= items.size() || done.isDone()) {
      return null;
    }
    int size = chunkSize(dispatcher.size());
    ItemsTask task =
        new ItemsTask(dispatcher.nextId(), this, next, Math.min(size, items.size() - next));
    next += task.count();
    return task;
  }

  /**
   * Chunks of some milliseconds each, so that handing them out costs little; but never more than
   * what leaves each worker two more chunks, so that they end at the same time.
   */
  private int chunkSize(int workers) {
    if (fixedChunk > 0) {
      return fixedChunk;
    }
    if (measuredItems == 0) {
      return 1;
    }
    long nanosEach = Math.max(1, measuredNanos / measuredItems);
    long wanted = Math.min(CHUNK_NANOS / nanosEach, (long) lastChunk * GROWTH);
    int fair = (items.size() - next) / (2 * workers);
    lastChunk = (int) Math.max(1, Math.min(wanted, fair));
    return lastChunk;
  }

  void measured(long nanos, int count) {
    measuredNanos += nanos;
    measuredItems += count;
  }

  /** Encodes items into a message; an item that cannot travel ends the job. */
  void encode(Message.Builder message, int from, int count) {
    Codec codec = Codec.shared();
    for (int i = from; i < from + count; i++) {
      try {
        message.add((byte) 0, codec.encode(items.get(i), "item"));
      } catch (SerializationException e) {
        fail(e);
        return;
      }
    }
  }

  void ended(int index, @Nullable Object value) {
    if (value instanceof RemoteFailure remote) {
      itemFailed(index, remote.toThrowable());
    } else {
      results[index] = value;
      itemEnded();
    }
  }

  void itemFailed(int index, Throwable thrown) {
    if (index < failedAt) {
      failedAt = index;
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
  void fail(Throwable reason) {
    done.completeExceptionally(reason);
  }

  String describe(int index) {
    String item = String.valueOf(items.get(index));
    return "item "
        + index
        + " ("
        + (item.length() > 200 ? item.substring(0, 200) + "…" : item)
        + ")";
  }
}
