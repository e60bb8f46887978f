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
import multiprocessing.internal.sync.ReentrantMutex;
import multiprocessing.internal.sync.WaitSet;

/**
 * A lock between processes that its holder may lock again. The counterpart of {@code
 * multiprocessing.RLock}.
 *
 * <p>A thread of a process holds the lock, platform or virtual, and must unlock it as often as it
 * has locked it. It is not fair: whoever asks at the right moment gets it, which is several times
 * faster than a queue of waiters.
 *
 * <p>
 *
 * {@snippet :
 * ProcessReentrantLock lock = Multiprocessing.reentrantLock();
 * try (Hold _ = lock.hold()) {
 *   // one thread of one process at a time, which may call what locks it again
 * }
 * }
 *
 * <h2>Sharing</h2>
 *
 * Travels to any process of the tree, at its start or later, in tasks, fields, queues and pipes;
 * every copy is the same lock. A child that is forked by a thread which holds the lock does not
 * hold it.
 *
 * <h2>Memory effects</h2>
 *
 * What a thread did, to shared memory or its process's own, before it unlocked for the last time is
 * visible to whoever locks next.
 *
 * <h2>If a process dies</h2>
 *
 * As with {@link ProcessLock}: a holder whose process dies is noticed within a tenth of a second of
 * waiting, and the next one to lock gets the lock together with an {@link OwnerDiedException}; it
 * is to {@link #recover()} and to unlock once. A thread that ends while its process lives keeps its
 * locks for ever, as with Java's own.
 *
 * <h2>Cost</h2>
 *
 * Locking and unlocking without contention is two atomic instructions, some plain stores and no
 * system call; locking again is a store. A waiter spins for 150 microseconds at most if that has
 * paid lately, then sleeps. 128 bytes of shared memory.
 */
public final class ProcessReentrantLock implements Lock, Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private final transient SharedBlock block;
  private final transient ReentrantMutex mutex;

  /** Creates a lock that nobody holds. */
  public ProcessReentrantLock() {
    this(SharedBlock.create(ReentrantMutex.BYTES));
  }

  private ProcessReentrantLock(SharedBlock block) {
    this.block = block;
    this.mutex = new ReentrantMutex(block.segment(), block.offset(), block.processes());
  }

  /**
   * Locks; waits as long as it takes. An interrupt is kept for later.
   *
   * @throws OwnerDiedException if a holder died; the caller holds the lock then
   * @throws Error if the caller holds it 2,147,483,647 times already
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
   * Locks if no other thread holds the lock.
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
   * Unlocks once.
   *
   * @throws IllegalMonitorStateException if this thread does not hold the lock
   */
  @Override
  public void unlock() {
    mutex.unlock();
  }

  /**
   * Says that what the lock protects is sound again after a holder has died. Does nothing if none
   * has.
   *
   * @throws IllegalMonitorStateException if this thread does not hold the lock
   */
  public void recover() {
    mutex.markConsistent();
  }

  /**
   * Locks, for use in a {@code try} statement, whose end unlocks.
   *
   * @return what unlocks when it is closed, by the same thread
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

  /** Returns whether any thread of any process holds the lock just now. */
  public boolean isLocked() {
    return mutex.isLocked();
  }

  /** Returns whether this thread holds the lock. */
  public boolean isHeldByCurrentThread() {
    return mutex.isHeld();
  }

  /** Returns how many times this thread holds the lock; 0 if it does not. */
  public int holdCount() {
    return mutex.holdCount();
  }

  /** Returns what it is, which thread of which process holds it, and how many times. */
  @Override
  public String toString() {
    int pid = mutex.holderPid();
    String state = "[unlocked]";
    if (pid != 0) {
      state =
          "[held "
              + mutex.holdsOfHolder()
              + " times by "
              + (mutex.isHeld() ? "this thread, " : "")
              + "thread "
              + mutex.threadId()
              + " of process "
              + pid
              + "]";
    }
    return "ProcessReentrantLock@" + block + state;
  }

  WaitSet.Guard guard() {
    return mutex;
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
      return new ProcessReentrantLock(arrive());
    }
  }
}
