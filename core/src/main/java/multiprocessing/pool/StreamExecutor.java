package multiprocessing.pool;

import java.lang.ref.Reference;
import java.util.Iterator;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.Gatherer;
import java.util.stream.Stream;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.serial.Payload;
import multiprocessing.process.SerializableConsumer;
import multiprocessing.process.SerializableFunction;
import org.jspecify.annotations.Nullable;

/** The part of a pool that works on streams of items. */
abstract sealed class StreamExecutor extends TaskExecutor permits ProcessPool {
  private final @Nullable ProgressListener listener;

  StreamExecutor(Dispatcher dispatcher, TaskOptions options, @Nullable ProgressListener listener) {
    super(dispatcher, options);
    this.listener = listener;
  }

  final @Nullable ProgressListener listener() {
    return listener;
  }

  final JobSpec spec(SerializableFunction<?, ?> function, int chunk, OptionalLong total) {
    Payload payload = Codec.shared().encodeForStart(Objects.requireNonNull(function)).detached();
    int size = chunk == 0 && dispatcher().plan().maxTasks() > 0 ? 1 : chunk;
    String name = options().name() == null ? function.toString() : options().name();
    ProgressMeter meter = listener == null ? null : new ProgressMeter(listener, name, total);
    return new JobSpec(payload, size, options(), meter);
  }

  static int checked(int chunkSize) {
    if (chunkSize < 1) {
      throw new IllegalArgumentException("chunks of " + chunkSize + " items; 1 or more, please");
    }
    return chunkSize;
  }

  /**
   * Applies a function to each item as a stream: items are read while results are taken, so that
   * there may be any number of them, endlessly many too. The work begins with the terminal
   * operation. It stops when the stream is closed, or nobody has a hold of it any more. An
   * exception of an item is thrown by the terminal operation; an {@link Iterator} of the stream can
   * go on behind it.
   *
   * @param <T> type of the items
   * @param <R> type of the results
   * @param function what to apply
   * @param items what to apply it to; read in a thread of its own, as far as {@link
   *     ProcessPool.Builder#window} allows
   * @return the results in the order of the items
   * @throws multiprocessing.error.SerializationException if the function cannot travel
   */
  public <T extends @Nullable Object, R extends @Nullable Object> Stream<R> imap(
      SerializableFunction<? super T, ? extends R> function, Iterable<? extends T> items) {
    return stream(function, items, 0, true);
  }

  /** As {@link #imap(SerializableFunction, Iterable)}, with chunks of a given size. */
  public <T extends @Nullable Object, R extends @Nullable Object> Stream<R> imap(
      SerializableFunction<? super T, ? extends R> function,
      Iterable<? extends T> items,
      int chunkSize) {
    return stream(function, items, checked(chunkSize), true);
  }

  /** As {@link #imap(SerializableFunction, Iterable)}, of a stream, which is closed with it. */
  public <T extends @Nullable Object, R extends @Nullable Object> Stream<R> imap(
      SerializableFunction<? super T, ? extends R> function, Stream<? extends T> items) {
    Iterable<T> iterable = () -> Functions.iterator(items);
    return this.<T, R>stream(function, iterable, 0, true).onClose(items::close);
  }

  /** As {@link #imap(SerializableFunction, Iterable)}, with each result as soon as it is there. */
  public <T extends @Nullable Object, R extends @Nullable Object> Stream<R> imapUnordered(
      SerializableFunction<? super T, ? extends R> function, Iterable<? extends T> items) {
    return stream(function, items, 0, false);
  }

  /** As {@link #imapUnordered(SerializableFunction, Iterable)}, with chunks of a given size. */
  public <T extends @Nullable Object, R extends @Nullable Object> Stream<R> imapUnordered(
      SerializableFunction<? super T, ? extends R> function,
      Iterable<? extends T> items,
      int chunkSize) {
    return stream(function, items, checked(chunkSize), false);
  }

  /** As {@link #imapUnordered(SerializableFunction, Iterable)}, of a stream. */
  public <T extends @Nullable Object, R extends @Nullable Object> Stream<R> imapUnordered(
      SerializableFunction<? super T, ? extends R> function, Stream<? extends T> items) {
    Iterable<T> iterable = () -> Functions.iterator(items);
    return this.<T, R>stream(function, iterable, 0, false).onClose(items::close);
  }

  /**
   * Returns an operation for {@link Stream#gather}: applies a function to each element, in the
   * workers; results come in the order of the elements.
   *
   * {@snippet :
   * lines.gather(pool.mapConcurrent(line -> parse(line))).toList();
   * }
   *
   * @param <T> type of the elements
   * @param <R> type of the results
   * @param function what to apply
   * @return the operation; may be used several times
   */
  public <T extends @Nullable Object, R extends @Nullable Object> Gatherer<T, ?, R> mapConcurrent(
      SerializableFunction<? super T, ? extends R> function) {
    return PoolGatherer.of(beginning(function, 0, true));
  }

  /**
   * Runs a task for each item, in the workers; waits for all of them. Items are read while others
   * are worked on; there may be any number of them.
   *
   * @param <T> type of the items
   * @param task what to run for each item
   * @param items the items
   * @throws InterruptedException if the thread is interrupted; the rest of the work is dropped
   */
  public <T extends @Nullable Object> void forEach(
      SerializableConsumer<? super T> task, Iterable<? extends T> items)
      throws InterruptedException {
    Objects.requireNonNull(task);
    StreamJob job = beginning(new Functions.Effect<T>(task), 0, false).get();
    Thread _ = Feeder.start(job, items);
    Throwable first = null;
    try {
      StreamJob.Outcome outcome = job.take();
      while (outcome != null) {
        first = first == null ? outcome.thrown() : first;
        outcome = job.take();
      }
    } finally {
      job.cancel();
    }
    if (first != null) {
      throw Failure.sneak(first);
    }
  }

  private <T extends @Nullable Object, R extends @Nullable Object> Stream<R> stream(
      SerializableFunction<? super T, ? extends R> function,
      Iterable<? extends T> items,
      int chunk,
      boolean ordered) {
    Supplier<StreamJob> beginning = beginning(function, chunk, ordered);
    Objects.requireNonNull(items);
    return Results.typed(
        Results.stream(
            () -> {
              StreamJob job = beginning.get();
              Thread _ = Feeder.start(job, items);
              return job;
            },
            ordered));
  }

  private Supplier<StreamJob> beginning(
      SerializableFunction<?, ?> function, int chunk, boolean ordered) {
    JobSpec spec = spec(function, chunk, OptionalLong.empty());
    Dispatcher dispatcher = dispatcher();
    int window = dispatcher.plan().window();
    return () -> {
      try {
        return dispatcher
            .submit(id -> new StreamJob(id, spec, dispatcher, ordered, window))
            .begun();
      } finally {
        Reference.reachabilityFence(this); // a stream that is not read yet keeps its pool
      }
    };
  }
}
