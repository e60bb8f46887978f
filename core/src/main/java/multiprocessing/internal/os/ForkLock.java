package multiprocessing.internal.os;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A lock between threads that is held by the one that forks this process, so that the child finds
 * whole what is behind it. Reentrant.
 *
 * <p>It has no queue. Threads may wait for it during the fork, of which the child has only a few; a
 * lock that is handed on in turn would be handed there to those that it does not have, and all
 * behind them would wait for ever. Here each looks by itself, once in a millisecond at least.
 */
public final class ForkLock {
  private static final int SPINS = 200;
  private static final long FIRST_NANOS = 20_000;
  private static final long LONGEST_NANOS = 1_000_000;

  private final AtomicReference<@Nullable Thread> holder = new AtomicReference<>();
  private int holds; // of the holder, which alone changes it

  /** Locks; waits as long as it takes. An interrupt is kept for later. */
  public void lock() {
    if (!isHeldByCurrentThread()) {
      take(Thread.currentThread());
    }
    holds++;
  }

  private void take(Thread caller) {
    for (int i = 0; i < SPINS; i++) {
      if (holder.compareAndSet(null, caller)) {
        return;
      }
      Thread.onSpinWait();
    }
    boolean interrupted = false;
    long nanos = FIRST_NANOS;
    while (!holder.compareAndSet(null, caller)) {
      LockSupport.parkNanos(this, nanos); // the fork waits until those who run here sleep
      interrupted |= Thread.interrupted();
      nanos = Math.min(2 * nanos, LONGEST_NANOS);
    }
    if (interrupted) {
      caller.interrupt();
    }
  }

  /** Unlocks; only who locked may, or its copy in a child. */
  public void unlock() {
    if (!isHeldByCurrentThread()) {
      throw new IllegalMonitorStateException("the lock is not held by this thread");
    }
    holds--;
    if (holds == 0) {
      holder.set(null);
    }
  }

  /** Whether the calling thread holds the lock, or the one of which it is a copy did. */
  public boolean isHeldByCurrentThread() {
    return holder.get() == Thread.currentThread();
  }
}
