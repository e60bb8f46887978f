package multiprocessing.manager;

import java.util.concurrent.locks.Condition;

/**
 * A condition in the server of a {@link Manager}, with its lock. The counterpart of what {@code
 * SyncManager.Condition()} returns.
 */
public interface ManagedCondition extends Condition {
  /** Takes its lock. */
  void lock();

  /** Lets its lock go. */
  void unlock();
}
