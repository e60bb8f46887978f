package multiprocessing.manager;

import java.util.concurrent.locks.Lock;

/**
 * A lock in the server of a {@link Manager}. The counterpart of what {@code SyncManager.Lock()} and
 * {@code SyncManager.RLock()} return.
 *
 * <p>A reentrant one belongs to a thread of a process. One that is not may be unlocked by anybody,
 * as in Python. Where a process ends that has it, each one who locks from then on has it and gets
 * an {@link multiprocessing.error.OwnerDiedException}, until one calls {@link #recover()}.
 */
public interface ManagedLock extends Lock {
  /** Returns whether somebody has it. */
  boolean isLocked();

  /** Says that what the lock protects is sound, though one who had it has died. */
  void recover();

  /** Returns a condition of this lock, which lives in the server as well. */
  @Override
  ManagedCondition newCondition();
}
