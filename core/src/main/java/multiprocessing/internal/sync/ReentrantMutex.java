package multiprocessing.internal.sync;

import java.lang.foreign.MemorySegment;

/** A {@link Mutex} that belongs to a thread, which may lock it again. */
public final class ReentrantMutex implements WaitSet.Guard {
  /*
   * +0  mutex   which process has it
   * +8  owner   id of that process again (30 bits) | identifier of the thread within it (34 bits)
   * +16 holds   how many times the thread has locked it
   *
   * Only the holder of the mutex writes the rest: holds, then owner; and clears owner before it
   * unlocks. So a thread that finds itself there has the mutex. What a holder that was killed left
   * there names its process, which no other process is.
   */
  public static final int BYTES = 24;

  private static final long OWNER = 8;
  private static final long HOLDS = 16;
  private static final int THREAD_BITS = 34;
  private static final long THREAD_MASK = (1L << THREAD_BITS) - 1;

  private final MemorySegment segment;
  private final long offset;
  private final ProcessTable table;
  private final Mutex mutex;

  public ReentrantMutex(MemorySegment segment, long offset, ProcessTable table) {
    this.segment = segment;
    this.offset = offset;
    this.table = table;
    this.mutex = new Mutex(segment, offset, table);
  }

  /** Locks; waits as long as it takes, interrupted or not. */
  public Mutex.Outcome lock() {
    return isHeld() ? again() : own(mutex.lock(), 1);
  }

  /** Locks if that needs no waiting. */
  public Mutex.Outcome tryLock() {
    return isHeld() ? again() : own(mutex.tryLock(), 1);
  }

  /**
   * Locks; waits for {@code nanos} nanoseconds at most ({@code Long.MAX_VALUE}: without end).
   *
   * @throws InterruptedException if the thread is interrupted, noticed within 50 ms
   */
  public Mutex.Outcome lockInterruptibly(long nanos) throws InterruptedException {
    if (isHeld()) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      return again();
    }
    return own(mutex.lockInterruptibly(nanos), 1);
  }

  private Mutex.Outcome again() {
    int holds = holds();
    if (holds == Integer.MAX_VALUE) {
      throw new Error("a thread has locked a lock " + holds + " times, which is the most there is");
    }
    Words.INT.set(segment, offset + HOLDS, holds + 1);
    return Mutex.Outcome.ACQUIRED;
  }

  private Mutex.Outcome own(Mutex.Outcome outcome, int holds) {
    if (outcome != Mutex.Outcome.TIMED_OUT) {
      Words.INT.set(segment, offset + HOLDS, holds);
      Words.LONG.setRelease(segment, offset + OWNER, caller());
    }
    return outcome;
  }

  /**
   * Unlocks once.
   *
   * @throws IllegalMonitorStateException if this thread does not hold it
   */
  public void unlock() {
    requireHeld();
    int left = holds() - 1;
    if (left > 0) {
      Words.INT.set(segment, offset + HOLDS, left);
    } else {
      free();
    }
  }

  private void free() {
    Words.LONG.setRelease(segment, offset + OWNER, 0L);
    mutex.unlock();
  }

  @Override
  public int release() {
    requireHeld();
    int holds = holds();
    free();
    return holds;
  }

  @Override
  public Mutex.Outcome regain(int holds) {
    return own(mutex.lock(), holds);
  }

  /** Says that the data behind the lock is sound again; only the holder may. */
  public void markConsistent() {
    requireHeld();
    mutex.markConsistent();
  }

  private void requireHeld() {
    if (!isHeld()) {
      throw new IllegalMonitorStateException(describe());
    }
  }

  private String describe() {
    int pid = mutex.holderPid();
    if (pid == 0) {
      return "the lock is not locked";
    }
    return mutex.isHeldByThisProcess()
        ? "the lock is held by thread " + threadId() + " of this process, not by this thread"
        : "the lock is held by process " + pid + ", not by this one";
  }

  /** Whether the calling thread holds it. */
  @Override
  public boolean isHeld() {
    return owner() == caller();
  }

  private long caller() {
    return (long) table.self() << THREAD_BITS | (Thread.currentThread().threadId() & THREAD_MASK);
  }

  /** How many times the calling thread holds it. */
  public int holdCount() {
    return isHeld() ? holds() : 0;
  }

  /** How many times its holder holds it, whoever that is; 0 if nobody does. */
  public int holdsOfHolder() {
    return mutex.isLocked() ? Math.max(1, holds()) : 0;
  }

  /** The thread that holds it, by its identifier in its process; meaningless if nobody does. */
  public long threadId() {
    return owner() & THREAD_MASK;
  }

  private long owner() {
    return (long) Words.LONG.getAcquire(segment, offset + OWNER);
  }

  public boolean isLocked() {
    return mutex.isLocked();
  }

  public boolean isHeldByThisProcess() {
    return mutex.isHeldByThisProcess();
  }

  /** The pid of the process that holds it, dead or alive; 0 if nobody does. */
  public int holderPid() {
    return mutex.holderPid();
  }

  @Override
  public int deadPid() {
    return mutex.deadPid();
  }

  private int holds() {
    return (int) Words.INT.getOpaque(segment, offset + HOLDS);
  }
}
