package multiprocessing.pool;

import java.util.Iterator;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** Reads the source of a {@link StreamJob} in a thread of its own, since a source may block. */
final class Feeder implements Runnable {
  private final StreamJob job;
  private final Iterable<? extends @Nullable Object> source;

  Feeder(StreamJob job, Iterable<? extends @Nullable Object> source) {
    this.job = job;
    this.source = source;
  }

  @Override
  public void run() {
    Throwable thrown = null;
    try {
      Iterator<? extends @Nullable Object> items = source.iterator();
      boolean wanted = true;
      while (wanted && items.hasNext()) {
        wanted = job.put(items.next());
      }
    } catch (InterruptedException e) {
      thrown = new CancellationException("the thread that reads the items was interrupted");
    } catch (Throwable t) {
      thrown = t;
    }
    job.end(thrown);
  }

  static Thread start(StreamJob job, Iterable<? extends @Nullable Object> source) {
    return Thread.ofVirtual().name("multiprocessing-feeder").start(new Feeder(job, source));
  }
}
