package multiprocessing.pool;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import multiprocessing.internal.sync.Backoff;
import org.jspecify.annotations.Nullable;

/** Callers that wait for a task collect results themselves meanwhile. */
final class Help {
  /*
   * Otherwise the outcome of a call would go through two threads of this process, the collector's
   * and the caller's, and each hand-over to a thread that sleeps costs more than a short task. While
   * a caller helps, it does all that the collector does, sees to time limits and to workers that
   * died, and sleeps on the bell if its own result is long in coming; the collector naps, so that
   * there is one thread on the bell. Callers help one at a time, and only platform threads sleep.
   *
   * Nobody's result is left lying: a helper that leaves while there is work wakes the collector, and
   * so does whoever submits work, or rings, when there is no helper. A nap is short in any case.
   * Should both have gone to sleep on the bell, in the moment in which one took over from the other,
   * whoever is woken passes it on; and the collector rings for a helper whose reply it completed.
   */
  private static final long NAP_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

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

  /** There is something to collect, or will be, that no helper may be there for. */
  void wakeCollector() {
    if (napping && !there.get()) {
      LockSupport.unpark(collector);
    }
  }

  /**
   * Waits for the reply to a call.
   *
   * @throws InterruptedException if the thread is interrupted
   * @throws ExecutionException if there is an exception instead of a reply
   */
  byte[] await(DirectCall call) throws InterruptedException, ExecutionException {
    if (there.compareAndSet(false, true)) {
      try {
        collectUntil(call);
      } finally {
        there.set(false);
        if (napping && dispatcher.wantsCollector()) {
          LockSupport.unpark(collector);
        }
      }
    } else {
      wakeCollector(); // that helper may have left by now
    }
    return call.reply().get();
  }

  private void collectUntil(DirectCall call) throws InterruptedException {
    Backoff.Wait wait = call.wakes() ? backoff.beginAfterWake() : backoff.begin();
    try {
      while (!call.reply().isDone()) {
        if (dispatcher.hasNews()) {
          dispatcher.collectHere();
        } else if (!wait.spin()) {
          if (Thread.currentThread().isVirtual()) {
            return;
          }
          wait.sleeps();
          dispatcher.sleep(call.reply()::isDone);
          if (Thread.interrupted()) {
            throw new InterruptedException();
          }
        }
      }
    } finally {
      wait.end();
      if (wait.slept()) {
        dispatcher.passBellOn();
      }
    }
  }
}
