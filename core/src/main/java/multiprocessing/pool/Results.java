package multiprocessing.pool;

import java.lang.ref.Cleaner;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The outcomes of a {@link StreamJob} as an iterator. The job begins when the first is asked for,
 * and is cancelled when the iterator is not reachable any more. After an item that failed the
 * iterator goes on with the next.
 */
final class Results implements Iterator<@Nullable Object> {
  private static final Cleaner CLEANER = Cleaner.create();

  private final Supplier<StreamJob> begin;
  private @Nullable StreamJob job;
  private StreamJob.@Nullable Outcome next;
  private boolean over;

  private Results(Supplier<StreamJob> begin) {
    this.begin = begin;
  }

  /** A stream of them, which cancels the job when it is closed. */
  static Stream<@Nullable Object> stream(Supplier<StreamJob> begin, boolean ordered) {
    Results results = new Results(begin);
    Spliterator<@Nullable Object> spliterator =
        Spliterators.spliteratorUnknownSize(results, ordered ? Spliterator.ORDERED : 0);
    return StreamSupport.stream(spliterator, false).onClose(results::close);
  }

  private StreamJob job() {
    StreamJob started = job;
    if (started == null) {
      StreamJob begun = begin.get();
      Cleaner.Cleanable _ = CLEANER.register(this, begun::cancel);
      job = begun;
      started = begun;
    }
    return started;
  }

  @Override
  public boolean hasNext() {
    if (next == null && !over) {
      try {
        next = job().take();
      } catch (InterruptedException e) {
        close();
        Thread.currentThread().interrupt();
        CancellationException cancelled =
            new CancellationException("interrupted while it waited for a result; the rest is off");
        cancelled.initCause(e);
        throw cancelled;
      }
      over = next == null;
    }
    return !over;
  }

  @Override
  public @Nullable Object next() {
    if (!hasNext() || next == null) {
      throw new NoSuchElementException();
    }
    StreamJob.Outcome outcome = next;
    next = null;
    if (outcome.thrown() != null) {
      throw Failure.sneak(outcome.thrown());
    }
    return outcome.value();
  }

  private void close() {
    over = true;
    if (job != null) {
      job.cancel();
    }
  }

  /** The same stream, by the type that only the caller knows. */
  @SuppressWarnings("unchecked") // the function gives values of R
  static <R extends @Nullable Object> Stream<R> typed(Stream<@Nullable Object> stream) {
    return (Stream<R>) (Stream<?>) stream;
  }
}
