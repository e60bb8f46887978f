package multiprocessing.manager;

import java.time.Duration;

/**
 * A semaphore in the server of a {@link Manager}. The counterpart of what {@code
 * SyncManager.Semaphore()} and {@code SyncManager.BoundedSemaphore()} return.
 *
 * <p>What a process had acquired and not released is released when it ends.
 */
public interface ManagedSemaphore {
  /**
   * Acquires a permit, and waits for one.
   *
   * @throws InterruptedException if the thread is interrupted
   */
  void acquire() throws InterruptedException;

  /** Acquires a permit if there is one; returns whether there was. */
  boolean tryAcquire();

  /**
   * Acquires a permit, and waits for one for some time.
   *
   * @param timeout how long at most
   * @return whether there was one
   * @throws InterruptedException if the thread is interrupted
   */
  boolean tryAcquire(Duration timeout) throws InterruptedException;

  /**
   * Gives a permit back.
   *
   * @throws IllegalStateException if the semaphore is bounded and would have more than at first
   */
  void release();

  /** Returns how many permits there are. */
  int availablePermits();
}
