package multiprocessing.manager;

import java.time.Duration;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.TimeoutException;

/**
 * A barrier in the server of a {@link Manager}. The counterpart of what {@code
 * SyncManager.Barrier()} returns.
 *
 * <p>If a process ends that waits at it, it breaks for the others.
 */
public interface ManagedBarrier {
  /**
   * Waits until all have come.
   *
   * @return how many were still to come
   * @throws InterruptedException if the thread is interrupted
   * @throws BrokenBarrierException if another one has left, or the barrier was reset
   */
  int await() throws InterruptedException, BrokenBarrierException;

  /**
   * Waits until all have come, for some time.
   *
   * @param timeout how long at most
   * @return how many were still to come
   * @throws InterruptedException if the thread is interrupted
   * @throws BrokenBarrierException if another one has left, or the barrier was reset
   * @throws TimeoutException if the time ran out; the barrier is broken then
   */
  int await(Duration timeout) throws InterruptedException, BrokenBarrierException, TimeoutException;

  /** Breaks the barrier for those who wait, and makes it whole again. */
  void reset();

  /** Returns how many have to come. */
  int parties();

  /** Returns how many wait. */
  int waiting();

  /** Returns whether it is broken. */
  boolean isBroken();
}
