package multiprocessing.internal.sync;

import java.lang.foreign.MemorySegment;

/** A {@link Mutex} that belongs to a thread, which may lock it again. */
public final class ReentrantMutex implements WaitSet.Guard {
  /*
   * +0  mutex    which process has it
   * +8  process  id of that process again, once the two fields below tell of its thread
   * +12 holds    how many times the thread has locked it
   * +16 thread   identifier of the thread within its process
   *
   * Only the holder of the mutex writes the rest: thread and holds, then process; and clears process
   * before it unlocks. So a thread that finds its own process there reads the thread that has the
   * mutex now, or no longer; never its own identifier unless it has the mutex. What a holder that
   * was killed left there names its process, which no other process is.
   */
  public static final int BYTES = 24;

  private static final long PROCESS = 8;
  private static final long HOLDS = 12;
  private static final long THREAD = 16;

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
      Words.LONG.set(segment, offset + THREAD, Thread.currentThread().threadId());
      Words.INT.set(segment, offset + HOLDS, holds);
      Words.INT.setRelease(segment, offset + PROCESS, table.self());
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
    Words.INT.setRelease(segment, offset + PROCESS, 0);
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
    return (int) Words.INT.getAcquire(segment, offset + PROCESS) == table.self()
        && threadId() == Thread.currentThread().threadId();
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
    return (long) Words.LONG.getOpaque(segment, offset + THREAD);
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
