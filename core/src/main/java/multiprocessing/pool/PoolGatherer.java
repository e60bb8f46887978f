package multiprocessing.pool;

import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import java.util.stream.Gatherer;
import org.jspecify.annotations.Nullable;

/** Sends the elements of a stream through a {@link StreamJob}. */
final class PoolGatherer {
  private final StreamJob job;

  private PoolGatherer(StreamJob job) {
    this.job = job;
  }

  @SuppressWarnings("unchecked") // the function gives values of R
  static <T extends @Nullable Object, R extends @Nullable Object> Gatherer<T, ?, R> of(
      Supplier<StreamJob> begin) {
    return Gatherer.<T, PoolGatherer, R>ofSequential(
        () -> new PoolGatherer(begin.get()),
        Gatherer.Integrator.of(
            (state, item, down) -> state.integrate(item, (Gatherer.Downstream<Object>) down)),
        (state, down) -> state.finish((Gatherer.Downstream<Object>) down));
  }

  private boolean integrate(@Nullable Object item, Gatherer.Downstream<Object> down) {
    return guarded(
        () -> {
          boolean more = true;
          while (more && (job.wouldWait() || job.hasReady())) {
            more = push(down);
          }
          return more && job.put(item);
        });
  }

  private void finish(Gatherer.Downstream<Object> down) {
    boolean _ =
        guarded(
            () -> {
              job.end(null);
              boolean more = !down.isRejecting();
              while (more) {
                more = push(down);
              }
              job.cancel();
              return false;
            });
  }

  @SuppressWarnings("NullAway") // an element of a stream may be null
  private boolean push(Gatherer.Downstream<Object> down) throws InterruptedException {
    StreamJob.Outcome outcome = job.take();
    if (outcome == null) {
      return false;
    }
    if (outcome.thrown() != null) {
      throw Failure.sneak(outcome.thrown());
    }
    boolean more = down.push(outcome.value());
    if (!more) {
      job.cancel();
    }
    return more;
  }

  /** A step of the stream; interrupting it, or an exception, ends the work. */
  private boolean guarded(Step step) {
    boolean done = false;
    try {
      boolean more = step.run();
      done = true;
      return more;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      CancellationException cancelled =
          new CancellationException("interrupted while it waited for a result; the rest is off");
      cancelled.initCause(e);
      throw cancelled;
    } finally {
      if (!done) {
        job.cancel();
      }
    }
  }

  /** What may wait. */
  private interface Step {
    boolean run() throws InterruptedException;
  }
}
