package multiprocessing.sync;

import java.io.InvalidObjectException;
import java.io.Serial;
import java.io.Serializable;
import java.time.Duration;
import java.util.Date;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.function.BooleanSupplier;
import multiprocessing.error.OwnerDiedException;
import multiprocessing.internal.shm.SentBlock;
import multiprocessing.internal.shm.SharedBlock;
import multiprocessing.internal.sync.Mutex;
import multiprocessing.internal.sync.WaitSet;
import multiprocessing.internal.sync.WaitSet.End;

/**
 * A condition between processes: threads that hold its lock wait until another one signals. The
 * counterpart of {@code multiprocessing.Condition}.
 *
 * <p>It goes with a {@link ProcessReentrantLock}, if nothing else is said with one of its own, or
 * with a {@link ProcessLock}. Waiting gives the lock up, however often it is locked, and has it
 * again when it returns. {@link #signal(int) Signals} go to those who have waited longest.
 *
 * <p>
 *
 * {@snippet :
 * ProcessCondition ready = Multiprocessing.condition();
 * // one process
 * try (Hold _ = ready.hold()) {
 *   ready.awaitUntil(() -> file.exists());
 * }
 * // another one
 * try (Hold _ = ready.hold()) {
 *   write(file);
 *   ready.signalAll();
 * }
 * }
 *
 * <h2>Sharing</h2>
 *
 * Travels to any process of the tree together with its lock, at its start or later, in tasks,
 * fields, queues and pipes; every copy is the same condition.
 *
 * <h2>Memory effects</h2>
 *
 * Those of its lock, which a waiter unlocks and locks.
 *
 * <h2>If a process dies</h2>
 *
 * A waiter that dies takes no signal with it: one that it was given and had not come to act on goes
 * to the next within a tenth of a second. In that case, and only then, one signal may wake two. A
 * signaller that dies half way has signalled some. If the holder of the lock dies, those who come
 * back from waiting are told as if they had locked it: see {@link OwnerDiedException}.
 *
 * <h2>Cost</h2>
 *
 * Waiting and signalling take some ten memory accesses under a lock in shared memory, signalling
 * some more for each thread that waits, and a system call for each that it wakes from sleep. About
 * 1 KiB of shared memory; 16 bytes more for each thread beyond 32 that waits at a time.
 */
public final class ProcessCondition implements Condition, Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private final transient SharedBlock block;
  private final transient Lock lock;
  private final transient WaitSet.Guard guard;
  private final transient WaitSet waiters;

  /** Creates a condition with a {@link ProcessReentrantLock} of its own. */
  public ProcessCondition() {
    this(new ProcessReentrantLock());
  }

  /**
   * Creates a condition of a lock.
   *
   * @param lock the lock to hold when waiting and signalling
   */
  public ProcessCondition(ProcessReentrantLock lock) {
    this(newBlock(), lock, lock.guard());
  }

  /**
   * Creates a condition of a lock.
   *
   * @param lock the lock to hold when waiting and signalling
   */
  public ProcessCondition(ProcessLock lock) {
    this(newBlock(), lock, lock.guard());
  }

  private ProcessCondition(SharedBlock block, Lock lock, WaitSet.Guard guard) {
    this.block = block;
    this.lock = lock;
    this.guard = guard;
    this.waiters =
        new WaitSet(block.segment(), block.offset(), block.processes(), new Growth(block));
  }

  private static SharedBlock newBlock() {
    return SharedBlock.create(WaitSet.BYTES);
  }

  // --- its lock ---

  /**
   * Locks its lock.
   *
   * @throws OwnerDiedException if a holder died; the caller holds the lock then
   */
  public void lock() {
    lock.lock();
  }

  /**
   * Locks its lock if that needs no waiting.
   *
   * @return whether the caller holds it now
   * @throws OwnerDiedException if a holder died; the caller holds the lock then
   */
  public boolean tryLock() {
    return lock.tryLock();
  }

  /**
   * Unlocks its lock.
   *
   * @throws IllegalMonitorStateException if the caller does not hold it
   */
  public void unlock() {
    lock.unlock();
  }

  /**
   * Locks its lock, for use in a {@code try} statement, whose end unlocks.
   *
   * @return what unlocks when it is closed
   * @throws OwnerDiedException if a holder died; the lock is not held then
   */
  public Hold hold() {
    return lock instanceof ProcessLock plain ? plain.hold() : ((ProcessReentrantLock) lock).hold();
  }

  /** Returns its lock: a {@link ProcessReentrantLock} or a {@link ProcessLock}. */
  public Lock associatedLock() {
    return lock;
  }

  // --- waiting ---

  /**
   * Waits for a signal.
   *
   * @throws IllegalMonitorStateException if the caller does not hold the lock
   * @throws OwnerDiedException if a holder died; the caller holds the lock then
   */
  @Override
  public void await() throws InterruptedException {
    boolean _ = pauseInterruptibly(Long.MAX_VALUE);
  }

  @Override
  public void awaitUninterruptibly() {
    requireHeld();
    boolean interrupted = Thread.interrupted();
    End _ = pause(Long.MAX_VALUE, false);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public long awaitNanos(long nanosTimeout) throws InterruptedException {
    long end = System.nanoTime() + Math.max(0, nanosTimeout);
    boolean signalled = pauseInterruptibly(Math.max(0, nanosTimeout));
    long left = nanosTimeout == Long.MAX_VALUE ? nanosTimeout : end - System.nanoTime();
    return signalled ? Math.max(1, left) : Math.min(0, left);
  }

  @Override
  public boolean await(long time, TimeUnit unit) throws InterruptedException {
    return pauseInterruptibly(Math.max(0, unit.toNanos(time)));
  }

  @Override
  @SuppressWarnings("JavaUtilDate") // the interface has it
  public boolean awaitUntil(Date deadline) throws InterruptedException {
    long millis = deadline.getTime() - System.currentTimeMillis();
    return pauseInterruptibly(Math.max(0, TimeUnit.MILLISECONDS.toNanos(millis)));
  }

  /**
   * Waits for a signal, for so long at most. A time of zero or less gives the lock up, takes it
   * again and returns.
   *
   * @param timeout how long
   * @return false if the time ran out
   * @throws InterruptedException if the thread is interrupted before it is signalled, which a
   *     waiter notices within 50 ms
   * @throws IllegalMonitorStateException if the caller does not hold the lock
   * @throws OwnerDiedException if a holder died; the caller holds the lock then
   */
  public boolean await(Duration timeout) throws InterruptedException {
    return pauseInterruptibly(Math.max(0, TimeUnit.NANOSECONDS.convert(timeout)));
  }

  /**
   * Waits until something is so: looks, with the lock held, at once and after each signal.
   *
   * @param predicate what shall be so
   * @throws InterruptedException if the thread is interrupted, which a waiter notices within 50 ms
   * @throws IllegalMonitorStateException if the caller does not hold the lock
   * @throws OwnerDiedException if a holder died; the caller holds the lock then
   */
  public void awaitUntil(BooleanSupplier predicate) throws InterruptedException {
    requireHeld();
    while (!predicate.getAsBoolean()) {
      await();
    }
  }

  /**
   * Waits until something is so, for so long at most: looks, with the lock held, at once, after
   * each signal and when the time has run out.
   *
   * @param predicate what shall be so
   * @param timeout how long
   * @return whether it is so
   * @throws InterruptedException if the thread is interrupted, which a waiter notices within 50 ms
   * @throws IllegalMonitorStateException if the caller does not hold the lock
   * @throws OwnerDiedException if a holder died; the caller holds the lock then
   */
  public boolean awaitUntil(BooleanSupplier predicate, Duration timeout)
      throws InterruptedException {
    requireHeld();
    long nanos = Math.max(0, TimeUnit.NANOSECONDS.convert(timeout));
    long start = System.nanoTime();
    while (!predicate.getAsBoolean()) {
      long left = nanos == Long.MAX_VALUE ? nanos : nanos - (System.nanoTime() - start);
      if (left <= 0) {
        return false;
      }
      boolean _ = pauseInterruptibly(left);
    }
    return true;
  }

  private boolean pauseInterruptibly(long nanos) throws InterruptedException {
    requireHeld();
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    End end = pause(nanos, true);
    if (end == End.INTERRUPTED) {
      throw new InterruptedException();
    }
    return end == End.SIGNALLED;
  }

  private End pause(long nanos, boolean interruptible) {
    int entry = waiters.enter();
    int holds = guard.release();
    End end = null;
    Mutex.Outcome outcome;
    try {
      end = waiters.await(entry, nanos, interruptible);
    } finally {
      outcome = guard.regain(holds);
      if (end == null) {
        waiters.abandon(entry);
      } else if (end == End.SIGNALLED) {
        waiters.leave(entry);
      }
    }
    if (outcome == Mutex.Outcome.ACQUIRED_FROM_DEAD) {
      if (end == End.INTERRUPTED) {
        Thread.currentThread().interrupt();
      }
      throw new OwnerDiedException(guard.deadPid(), lock.toString());
    }
    return end;
  }

  // --- signalling ---

  /**
   * Wakes the one that has waited longest, if any waits.
   *
   * @throws IllegalMonitorStateException if the caller does not hold the lock
   */
  @Override
  public void signal() {
    int _ = signal(1);
  }

  /**
   * Wakes those who have waited longest.
   *
   * @param count how many at most
   * @return how many there were
   * @throws IllegalArgumentException if the count is negative
   * @throws IllegalMonitorStateException if the caller does not hold the lock
   */
  public int signal(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("a signal for " + count + " waiters; 0 or more, please");
    }
    requireHeld();
    return waiters.signal(count);
  }

  /**
   * Wakes all who wait.
   *
   * @throws IllegalMonitorStateException if the caller does not hold the lock
   */
  @Override
  public void signalAll() {
    int _ = signal(Integer.MAX_VALUE);
  }

  /** Returns how many threads of all processes wait for a signal just now. */
  public int numberWaiting() {
    return waiters.waiting();
  }

  private void requireHeld() {
    if (!guard.isHeld()) {
      throw new IllegalMonitorStateException(
          "the caller must hold the lock of the condition, " + lock);
    }
  }

  /** Returns what it is, how many wait, and its lock. */
  @Override
  public String toString() {
    return "ProcessCondition@" + block + "[waiting = " + numberWaiting() + ", lock = " + lock + "]";
  }

  @Serial
  private Object writeReplace() {
    return new Sent(block, lock);
  }

  /** What travels. */
  @SuppressWarnings("serial") // both kinds of locks can travel
  private static final class Sent extends SentBlock {
    @Serial private static final long serialVersionUID = 1L;

    private final Lock lock;

    Sent(SharedBlock block, Lock lock) {
      super(block);
      this.lock = lock;
    }

    @Serial
    private Object readResolve() throws InvalidObjectException {
      Objects.requireNonNull(lock);
      return lock instanceof ProcessLock plain
          ? new ProcessCondition(arrive(), plain, plain.guard())
          : new ProcessCondition(arrive(), lock, ((ProcessReentrantLock) lock).guard());
    }
  }
}
