package multiprocessing.sync;

import java.io.InvalidObjectException;
import java.io.Serial;
import java.io.Serializable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import multiprocessing.error.OwnerDiedException;
import multiprocessing.internal.shm.SentBlock;
import multiprocessing.internal.shm.SharedBlock;
import multiprocessing.internal.sync.Mutex;
import multiprocessing.internal.sync.WaitSet;

/**
 * A lock between processes. The counterpart of {@code multiprocessing.Lock}.
 *
 * <p>A process holds the lock, not a thread: any thread of the holding process may unlock it. It is
 * not reentrant; a thread that locks it twice waits for itself. It is not fair: whoever asks at the
 * right moment gets it, which is several times faster than a queue of waiters.
 *
 * <p>
 *
 * {@snippet :
 * ProcessLock lock = Multiprocessing.lock();
 * try (Hold _ = lock.hold()) {
 *   // one process at a time
 * }
 * }
 *
 * <h2>Sharing</h2>
 *
 * Travels to any process of the tree, at its start or later, in tasks, fields, queues and pipes;
 * every copy is the same lock.
 *
 * <h2>Memory effects</h2>
 *
 * What a process did to shared memory before it unlocked is visible to whoever locks next.
 *
 * <h2>If a process dies</h2>
 *
 * A holder that dies, by whatever cause, is noticed within a tenth of a second of waiting. The next
 * one to lock gets the lock, and is told by an {@link OwnerDiedException}: it holds the lock then,
 * must look whether what the lock protects is sound, say so by {@link #recover()}, and unlock.
 * Until somebody says so each later holder is told too. The death of a waiter harms nobody.
 *
 * <h2>Cost</h2>
 *
 * Locking and unlocking without contention is two atomic instructions and no system call. A waiter
 * spins for 150 microseconds at most if that has paid lately, then sleeps. 128 bytes of shared
 * memory.
 */
public final class ProcessLock implements Lock, Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private final transient SharedBlock block;
  private final transient Mutex mutex;

  /** Creates a lock that nobody holds. */
  public ProcessLock() {
    this(SharedBlock.create(Mutex.BYTES));
  }

  private ProcessLock(SharedBlock block) {
    this.block = block;
    this.mutex = new Mutex(block.segment(), block.offset(), block.processes());
  }

  /**
   * Locks; waits as long as it takes. An interrupt is kept for later.
   *
   * @throws OwnerDiedException if a holder died; the caller holds the lock then
   */
  @Override
  public void lock() {
    tell(mutex.lock());
  }

  /**
   * Locks, unless the thread is interrupted, which a waiter notices within 50 ms.
   *
   * @throws OwnerDiedException if a holder died; the caller holds the lock then
   */
  @Override
  public void lockInterruptibly() throws InterruptedException {
    tell(mutex.lockInterruptibly(Long.MAX_VALUE));
  }

  /**
   * Locks if nobody holds the lock.
   *
   * @return whether the caller holds it now
   * @throws OwnerDiedException if a holder died; the caller holds the lock then
   */
  @Override
  public boolean tryLock() {
    return tell(mutex.tryLock());
  }

  /**
   * Locks; waits for so long at most. A time of zero or less does not wait.
   *
   * @return whether the caller holds it now
   * @throws OwnerDiedException if a holder died; the caller holds the lock then
   */
  @Override
  public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
    return tell(mutex.lockInterruptibly(Math.max(0, unit.toNanos(time))));
  }

  private boolean tell(Mutex.Outcome outcome) {
    return switch (outcome) {
      case TIMED_OUT -> false;
      case ACQUIRED -> true;
      case ACQUIRED_FROM_DEAD -> throw new OwnerDiedException(mutex.deadPid(), toString());
    };
  }

  /**
   * Unlocks.
   *
   * @throws IllegalMonitorStateException if this process does not hold the lock
   */
  @Override
  public void unlock() {
    mutex.unlock();
  }

  /**
   * Says that what the lock protects is sound again after a holder has died. Does nothing if none
   * has.
   *
   * @throws IllegalMonitorStateException if this process does not hold the lock
   */
  public void recover() {
    mutex.markConsistent();
  }

  /** Returns whether any process holds the lock just now. */
  public boolean isLocked() {
    return mutex.isLocked();
  }

  /** Returns whether this process holds the lock. */
  public boolean isHeldByThisProcess() {
    return mutex.isHeldByThisProcess();
  }

  /**
   * Locks, for use in a {@code try} statement, whose end unlocks.
   *
   * @return what unlocks when it is closed
   * @throws OwnerDiedException if a holder died; the lock is <em>not</em> held then, so that a
   *     {@code try} statement which never began leaves nothing locked, and the next holder is told
   */
  public Hold hold() {
    try {
      lock();
    } catch (OwnerDiedException e) {
      unlock();
      throw e;
    }
    return new Once(mutex::unlock);
  }

  /**
   * Returns a new condition of this lock; it may be used in any process that it is sent to.
   *
   * @return the condition
   */
  @Override
  public ProcessCondition newCondition() {
    return new ProcessCondition(this);
  }

  WaitSet.Guard guard() {
    return mutex;
  }

  /** Returns what it is and which process holds it. */
  @Override
  public String toString() {
    int pid = mutex.holderPid();
    return "ProcessLock@" + block + (pid == 0 ? "[unlocked]" : "[held by process " + pid + "]");
  }

  @Serial
  private Object writeReplace() {
    return new Sent(block);
  }

  /** What travels. */
  private static final class Sent extends SentBlock {
    @Serial private static final long serialVersionUID = 1L;

    Sent(SharedBlock block) {
      super(block);
    }

    @Serial
    private Object readResolve() throws InvalidObjectException {
      return new ProcessLock(arrive());
    }
  }
}
