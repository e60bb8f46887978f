package multiprocessing.pool;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import multiprocessing.internal.sync.Backoff;
import org.jspecify.annotations.Nullable;

/** Callers that wait for a short task collect results themselves meanwhile. */
final class Help {
  /*
   * Otherwise the outcome of a call would go through two threads of this process, the collector's
   * and the caller's, and each hand-over to a thread that sleeps costs more than a short task. While
   * a caller helps, the collector naps: it does not sleep on the bell, so that workers need not wake
   * anybody. A caller helps only as long as spinning pays, and one at a time.
   *
   * Nobody's result is left lying: a helper that leaves while there is work wakes the collector, and
   * so does whoever submits work when there is no helper. A nap is short in any case.
   */
  private static final long NAP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final Dispatcher dispatcher;
  private final Backoff backoff;
  private final AtomicBoolean there = new AtomicBoolean();
  private volatile boolean napping;
  private volatile @Nullable Thread collector;

  Help(Dispatcher dispatcher, Backoff backoff) {
    this.dispatcher = dispatcher;
    this.backoff = backoff;
  }

  void collector(Thread thread) {
    collector = thread;
  }

  boolean isThere() {
    return there.get();
  }

  /** The collector leaves it to the helper for a moment. */
  void nap() {
    napping = true;
    if (there.get()) {
      LockSupport.parkNanos(this, NAP_NANOS);
    }
    napping = false;
  }

  /** Work has come that the caller does not wait for here. */
  void submitted() {
    if (napping && !there.get()) {
      LockSupport.unpark(collector);
    }
  }

  /**
   * Waits for a reply.
   *
   * @throws InterruptedException if the thread is interrupted
   * @throws ExecutionException if there is an exception instead of a reply
   */
  byte[] await(CompletableFuture<byte[]> reply) throws InterruptedException, ExecutionException {
    if (there.compareAndSet(false, true)) {
      try {
        collect(reply);
      } finally {
        there.set(false);
        if (napping && dispatcher.hasWork()) {
          LockSupport.unpark(collector);
        }
      }
    } else {
      submitted(); // that helper may have left by now
    }
    return reply.get();
  }

  private void collect(CompletableFuture<byte[]> reply) {
    Backoff.Wait wait = backoff.begin();
    while (!reply.isDone()) {
      if (dispatcher.hasNews()) {
        dispatcher.collectHere();
      } else if (!wait.spin()) {
        break;
      }
    }
    wait.end();
  }
}
