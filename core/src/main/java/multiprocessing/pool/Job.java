package multiprocessing.pool;

import multiprocessing.internal.serial.Payload;
import org.jspecify.annotations.Nullable;

/**
 * A function applied to each of many items, in chunks. Unless said otherwise its methods are called
 * under the dispatcher's lock.
 */
abstract class Job implements Work {
  private final long id;
  private final Payload function;
  private final TaskOptions options;
  private final Chunks chunks;
  private final @Nullable ProgressMeter meter;

  Job(long id, JobSpec spec) {
    this.id = id;
    this.function = spec.function();
    this.options = spec.options();
    this.chunks = new Chunks(spec.chunk());
    this.meter = spec.meter();
  }

  long id() {
    return id;
  }

  Payload function() {
    return function;
  }

  @Override
  public TaskOptions options() {
    return options;
  }

  Chunks chunks() {
    return chunks;
  }

  @Nullable ProgressMeter meter() {
    return meter;
  }

  /**
   * The next chunk, or null if there is none just now.
   *
   * @param hurry whether a worker has nothing to do, so that a small chunk is better than none
   */
  abstract @Nullable ItemsTask nextTask(Dispatcher dispatcher, boolean hurry);

  /** Whether there will be no more chunks. */
  abstract boolean isExhausted();

  /** Whether nobody wants its results any more, or all are there. Any thread. */
  abstract boolean isEnded();

  /** Whether it is the job of a future. */
  abstract boolean isFor(Object key);

  /** Puts the items of a task, but the first {@code skip}, into a message. */
  abstract void encode(Message.Builder message, ItemsTask task);

  /** Outcomes of the next items of a task; gives how many. */
  abstract int receive(ItemsTask task, byte[] message);

  /** An item of a task has no outcome, because of this. */
  abstract void itemFailed(ItemsTask task, int index, Throwable thrown);

  /** What to call an item of a task. */
  abstract String describe(ItemsTask task, int index);

  static String describe(long index, @Nullable Object item) {
    return "item " + index + " (" + describe(item) + ")";
  }

  /** What an object says of itself, if it says it shortly. */
  static String describe(@Nullable Object item) {
    String text;
    try {
      text = String.valueOf(item);
    } catch (RuntimeException e) {
      text = "an object that cannot tell what it is";
    }
    return text.length() > 200 ? text.substring(0, 200) + "…" : text;
  }
}
