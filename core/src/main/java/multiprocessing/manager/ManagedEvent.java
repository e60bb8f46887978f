package multiprocessing.manager;

import java.time.Duration;

/**
 * A flag in the server of a {@link Manager}, to wait for. The counterpart of what {@code
 * SyncManager.Event()} returns.
 */
public interface ManagedEvent {
  /** Sets the flag, and lets all go on who wait. */
  void set();

  /** Clears the flag. */
  void clear();

  /** Returns whether the flag is set. */
  boolean isSet();

  /**
   * Waits until the flag is set.
   *
   * @throws InterruptedException if the thread is interrupted
   */
  void await() throws InterruptedException;

  /**
   * Waits until the flag is set, for some time.
   *
   * @param timeout how long at most
   * @return whether it is set
   * @throws InterruptedException if the thread is interrupted
   */
  boolean await(Duration timeout) throws InterruptedException;
}
