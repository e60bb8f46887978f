package multiprocessing.internal.sync;

import java.lang.foreign.MemorySegment;
import multiprocessing.internal.os.Futex;
import multiprocessing.internal.os.Guest;
import org.jspecify.annotations.Nullable;

/**
 * A lock on one word of shared memory that survives the death of its holder.
 *
 * <p>It belongs to a process, not to a thread, is not reentrant and not fair. Locking by whoever
 * gets it happens-after the unlocking before it, in whatever process that was.
 */
public final class Mutex implements WaitSet.Guard {
  /*
   * +0 the word: WAITERS (bit 31) | ORPHANED (bit 30) | id of the holder (30 bits, 0 if none)
   * +4 pid of the holder that died last, written by the one who took over
   *
   * - Lock and unlock are one compare-and-set each. A holder that is killed leaves its id in the
   *   word; whoever waits looks each 50 ms whether the holder still lives, and takes the word over
   *   from a dead one by one compare-and-set that also sets ORPHANED: the data behind the lock may
   *   be half changed. ORPHANED stays, over unlocks too, until a holder says markConsistent().
   * - WAITERS is set by each thread before it sleeps. Unlocking clears it and wakes one; that one
   *   sets it again when it takes the lock, since there may be others. A woken thread that is killed
   *   before it runs takes the wake-up with it: the others find the lock free when their slice ends.
   */
  public static final int BYTES = 8;

  private static final long DEAD_PID = 4;
  private static final int WAITERS = 1 << 31;
  private static final int ORPHANED = 1 << 30;
  private static final int HEADROOM = 8;

  /** What became of an attempt to lock. */
  public enum Outcome {
    /** Somebody else holds the lock, and the time is up. */
    TIMED_OUT,
    /** The caller holds the lock. */
    ACQUIRED,
    /** The caller holds the lock, and a holder before it died: the data behind it may be torn. */
    ACQUIRED_FROM_DEAD
  }

  private final MemorySegment segment;
  private final long offset;
  private final ProcessTable table;
  private final Backoff backoff;
  private final Glance glance = new Glance();

  public Mutex(MemorySegment segment, long offset, ProcessTable table) {
    this.segment = segment;
    this.offset = offset;
    this.table = table;
    this.backoff = new Backoff(table);
  }

  /** Takes the lock if it is free, or if its holder is dead. */
  public Outcome tryLock() {
    Outcome outcome = tryLock(0);
    if (outcome == Outcome.TIMED_OUT && (isHolderBuried() || glance.isDue()) && takeFromDead()) {
      return Outcome.ACQUIRED_FROM_DEAD;
    }
    return outcome;
  }

  private boolean isHolderBuried() {
    int holder = word() & ProcessTable.ID_MASK;
    return holder != 0 && table.isDead(holder);
  }

  private Outcome tryLock(int waiters) {
    while (true) {
      int word = word();
      if ((word & ProcessTable.ID_MASK) != 0) {
        return Outcome.TIMED_OUT;
      }
      if (Words.INT.compareAndSet(segment, offset, word, word | waiters | table.self())) {
        return (word & ORPHANED) == 0 ? Outcome.ACQUIRED : Outcome.ACQUIRED_FROM_DEAD;
      }
    }
  }

  /** Locks; waits as long as it takes, interrupted or not. */
  public Outcome lock() {
    return lock(true);
  }

  /** Locks; a guest that is killed goes on waiting only where it must not leave. */
  private Outcome lock(boolean mayLeave) {
    if (Words.INT.compareAndSet(segment, offset, 0, table.self())) {
      return Outcome.ACQUIRED;
    }
    boolean interrupted = false;
    try {
      while (true) {
        if (mayLeave) {
          Guest.checkKilled();
        }
        Outcome outcome = lockSlowly(Long.MAX_VALUE);
        if (outcome != null) {
          return outcome;
        }
        interrupted = true;
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Locks data that must not be left torn, and has it mended where that happened: by the death of a
   * holder, or by an error that threw one out.
   *
   * <p>A stack that is about to overflow overflows here, where nothing is locked, rather than in
   * {@link #leave}, which needs less of it; in between it may, and leaves the data torn.
   */
  public void enter(Runnable mend) {
    int _ = rehearse(HEADROOM);
    if (lock(false) == Outcome.ACQUIRED_FROM_DEAD) {
      boolean whole = false;
      try {
        mend.run();
        markConsistent();
        whole = true;
      } finally {
        if (!whole) {
          leave(false);
        }
      }
    }
  }

  /** Unlocks what {@link #enter} locked; if the change is not whole, the next one mends it. */
  public void leave(boolean whole) {
    boolean _ = release(whole ? 0 : ORPHANED);
  }

  /** Does what {@link #leave} will do, deeper down the stack, to a word that it does not change. */
  private int rehearse(int frames) {
    return frames == 0 ? swap(offset + DEAD_PID, deadPid(), -1, 0) : rehearse(frames - 1) + 1;
  }

  /** Whether the holder is dead, or the data is known to be torn. */
  public boolean wantsMending() {
    int word = word();
    int holder = word & ProcessTable.ID_MASK;
    return holder == 0
        ? (word & ORPHANED) != 0
        : table.isDead(holder) || (glance.isDue() && !table.isAlive(holder));
  }

  /**
   * Locks; waits for {@code nanos} nanoseconds at most ({@code Long.MAX_VALUE}: without end).
   *
   * @throws InterruptedException if the thread is interrupted, noticed within 50 ms
   */
  public Outcome lockInterruptibly(long nanos) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    if (Words.INT.compareAndSet(segment, offset, 0, table.self())) {
      return Outcome.ACQUIRED;
    }
    Guest.checkKilled();
    Outcome outcome = lockSlowly(nanos);
    if (outcome == null) {
      Guest.checkKilled();
      throw new InterruptedException();
    }
    return outcome;
  }

  /** Null if the thread was interrupted, whose mark is cleared then. */
  private @Nullable Outcome lockSlowly(long nanos) {
    Deadline deadline = Deadline.in(nanos);
    Backoff.Wait wait = backoff.begin();
    int waiters = 0;
    try {
      while (true) {
        Outcome outcome = tryLock(waiters);
        if (outcome != Outcome.TIMED_OUT) {
          return outcome;
        }
        long left = deadline.left();
        if (left <= 0) {
          return takeFromDead() ? Outcome.ACQUIRED_FROM_DEAD : Outcome.TIMED_OUT;
        }
        if (wait.spin()) {
          continue;
        }
        wait.sleeps();
        waiters = WAITERS;
        if (!sleep(left) && takeFromDead()) {
          return Outcome.ACQUIRED_FROM_DEAD;
        }
        if (Thread.interrupted()) {
          return null;
        }
      }
    } finally {
      wait.end();
    }
  }

  /** Sleeps while somebody holds the lock; false if nothing came of it for a whole slice. */
  private boolean sleep(long nanos) {
    int word = word();
    if ((word & ProcessTable.ID_MASK) == 0) {
      return true;
    }
    int expected = word | WAITERS;
    if (word != expected && !Words.INT.compareAndSet(segment, offset, word, expected)) {
      return true;
    }
    Parking.park(segment, offset, expected, Math.min(nanos, Parking.SLICE_NANOS));
    return word() != expected;
  }

  private boolean takeFromDead() {
    int word = word();
    int holder = word & ProcessTable.ID_MASK;
    if (holder == 0 || table.isAlive(holder)) {
      return false;
    }
    int pid = table.pid(holder);
    if (!Words.INT.compareAndSet(segment, offset, word, WAITERS | ORPHANED | table.self())) {
      return false;
    }
    Words.INT.setVolatile(segment, offset + DEAD_PID, pid);
    return true;
  }

  /**
   * Unlocks.
   *
   * @throws IllegalMonitorStateException if this process does not hold the lock
   */
  public void unlock() {
    if (Words.INT.compareAndSet(segment, offset, table.self(), 0)) {
      return;
    }
    if (!release(0)) {
      throw new IllegalMonitorStateException(describe());
    }
  }

  @Override
  public int release() {
    unlock();
    return 1;
  }

  @Override
  public Outcome regain(int holds) {
    return lock();
  }

  /** False if this process does not hold the lock. */
  private boolean release(int orphaned) {
    int word = swap(offset, table.self(), ORPHANED, orphaned);
    if ((word & WAITERS) != 0) {
      Futex.wake(segment, offset, 1);
    }
    return word != 0;
  }

  /**
   * Keeps some bits of a word and sets others, if it names {@code holder}; gives the old word, or 0
   * if it does not.
   */
  private int swap(long at, int holder, int keep, int set) {
    while (true) {
      int word = (int) Words.INT.getVolatile(segment, at);
      if ((word & ProcessTable.ID_MASK) != holder) {
        return 0;
      }
      if (Words.INT.compareAndSet(segment, at, word, (word & keep) | set)) {
        return word;
      }
    }
  }

  /** Whether a holder died and nobody has said since that the data is sound. */
  public boolean isOrphaned() {
    return (word() & ORPHANED) != 0;
  }

  /** Says that the data behind the lock is sound again; only the holder may. */
  public void markConsistent() {
    while (true) {
      int word = word();
      if ((word & ProcessTable.ID_MASK) != table.self()) {
        throw new IllegalMonitorStateException(describe());
      }
      if (Words.INT.compareAndSet(segment, offset, word, word & ~ORPHANED)) {
        return;
      }
    }
  }

  /** The pid of the process that holds the lock, dead or alive; 0 if nobody does. */
  public int holderPid() {
    int holder = word() & ProcessTable.ID_MASK;
    return holder == 0 ? 0 : table.pid(holder);
  }

  /** The pid of the holder that died last; 0 if none did. */
  @Override
  public int deadPid() {
    return (int) Words.INT.getVolatile(segment, offset + DEAD_PID);
  }

  @Override
  public boolean isHeld() {
    return isHeldByThisProcess();
  }

  public boolean isHeldByThisProcess() {
    return (word() & ProcessTable.ID_MASK) == table.self();
  }

  public boolean isLocked() {
    return (word() & ProcessTable.ID_MASK) != 0;
  }

  private String describe() {
    int pid = holderPid();
    return pid == 0
        ? "the lock is not locked"
        : "the lock is held by process " + pid + ", not by this process";
  }

  private int word() {
    return (int) Words.INT.getVolatile(segment, offset);
  }
}
