package multiprocessing.internal.sync;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.LongUnaryOperator;
import multiprocessing.internal.os.CrashPoint;
import multiprocessing.internal.os.Futex;
import multiprocessing.internal.os.Guest;

/**
 * Threads of any processes that wait until they are told to go on, the one that waits longest
 * first: what a condition is made of.
 *
 * <p>A thread says {@link #enter} while it holds the lock that goes with the condition, gives the
 * lock up, {@link #await}s, takes the lock again, and says {@link #leave} if it was signalled.
 */
public final class WaitSet {
  /*
   *   +0   mutex    guards the table
   *   +64  buckets  16 signals that virtual threads sleep on
   *   +128 table    see WaitTable
   *
   * A platform thread sleeps on the word of its own entry, so a signal wakes just the one it is for.
   * Virtual threads of a process share up to 16 words, because each word takes a platform thread to
   * sleep on it (see Parking): a signal for one of them has those of its bucket look.
   *
   * A signal is the change of one entry from WAITING to RELEASED: it is given to the one that has
   * waited longest at that moment, and not to one that comes later. The entry is freed when its
   * thread has the lock again. So a thread that is killed before leaves either a WAITING entry of a
   * dead process, which is freed, or a RELEASED one, whose signal is passed on to the next first: a
   * kill between these two steps passes it on twice, which is a spurious wake-up, and none is lost.
   * Those who wait look for the dead each 50 ms.
   */
  private static final long MUTEX = 0;
  private static final long BUCKETS = 64;
  private static final long TABLE = 128;
  private static final int BUCKET_COUNT = 16;

  /** Size of the structure. */
  public static final long BYTES = TABLE + WaitTable.BYTES;

  /** A lock that a thread gives up while it waits. */
  public interface Guard {
    /** Whether the caller holds it. */
    boolean isHeld();

    /** Gives it up, however often it was locked; says how often that was. */
    int release();

    /** Locks it as often; waits as long as it takes. */
    Mutex.Outcome regain(int holds);

    /** The pid of the holder that died last. */
    int deadPid();
  }

  /** Why a wait ended. */
  public enum End {
    /** Somebody signalled. */
    SIGNALLED,
    /** The time ran out. */
    TIMED_OUT,
    /** The thread was interrupted; its mark is cleared. */
    INTERRUPTED
  }

  private final MemorySegment segment;
  private final Mutex mutex;
  private final Signal[] buckets = new Signal[BUCKET_COUNT];
  private final WaitTable table;
  private final Backoff backoff;

  /** A new one in zeroed memory, or one that was made there before; see {@link WaitTable}. */
  public WaitSet(
      MemorySegment segment, long offset, ProcessTable processes, LongUnaryOperator more) {
    this.segment = segment;
    this.mutex = new Mutex(segment, offset + MUTEX, processes);
    Arrays.setAll(buckets, i -> new Signal(segment, offset + BUCKETS + (long) i * Signal.BYTES));
    this.table = new WaitTable(segment, offset + TABLE, processes, more);
    this.backoff = new Backoff(processes);
  }

  /** Counts the calling thread among those who wait; gives what the other methods want. */
  public int enter() {
    boolean whole = false;
    lock();
    try {
      int entry = table.add();
      whole = true;
      return entry;
    } finally {
      mutex.leave(whole);
    }
  }

  /** Waits for {@code nanos} nanoseconds at most ({@code Long.MAX_VALUE}: without end). */
  public End await(int entry, long nanos, boolean interruptible) {
    Deadline deadline = Deadline.in(nanos);
    Backoff.Wait wait = backoff.begin();
    boolean interrupted = false;
    try {
      while (table.state(entry) == WaitTable.WAITING) {
        long left = deadline.left();
        if (left <= 0) {
          return giveUp(entry) ? End.TIMED_OUT : End.SIGNALLED;
        }
        if (wait.spin()) {
          continue;
        }
        wait.sleeps();
        if (!sleep(entry, left) && table.lookForTheDead()) {
          inheritFromTheDead();
        }
        Guest.checkKilled();
        if (Thread.interrupted()) {
          if (interruptible && giveUp(entry)) {
            return End.INTERRUPTED;
          }
          interrupted = true;
        }
      }
      return End.SIGNALLED;
    } finally {
      wait.end();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Sleeps a while; false if nothing came of it. */
  private boolean sleep(int entry, long nanos) {
    if (Thread.currentThread().isVirtual()) {
      Signal bucket = bucket(entry);
      int prepared = bucket.prepare();
      table.prepareToSleep(entry, WaitTable.ELSEWHERE);
      if (table.state(entry) == WaitTable.WAITING) {
        bucket.sleep(prepared, nanos);
      }
    } else {
      table.prepareToSleep(entry, WaitTable.ON_ITS_WORD);
      int word = table.word(entry);
      if (table.state(entry) == WaitTable.WAITING) {
        Parking.park(segment, table.place(entry), word, nanos);
      }
    }
    return table.state(entry) != WaitTable.WAITING;
  }

  private Signal bucket(int entry) {
    return buckets[entry % BUCKET_COUNT];
  }

  /** Takes back that the caller waits; false if it was signalled before. */
  private boolean giveUp(int entry) {
    boolean whole = false;
    lock();
    try {
      boolean waits = table.state(entry) == WaitTable.WAITING;
      if (waits) {
        table.free(entry);
      }
      whole = true;
      return waits;
    } finally {
      mutex.leave(whole);
    }
  }

  /** The caller was signalled, and has the lock again. */
  public void leave(int entry) {
    CrashPoint.at("condition.regained");
    table.free(entry);
  }

  /** The caller leaves because of an error; if it was signalled meanwhile, another one shall be. */
  public void abandon(int entry) {
    if (!giveUp(entry)) {
      int _ = signal(1);
      table.free(entry);
    }
  }

  /**
   * Signals those who have waited longest.
   *
   * @param most how many
   * @return how many there were
   */
  public int signal(int most) {
    int[] signalled = new int[4];
    int count = 0;
    boolean whole = false;
    lock();
    try {
      int next = most == 0 ? WaitTable.NOBODY : table.oldest();
      while (next != WaitTable.NOBODY) {
        table.setState(next, WaitTable.RELEASED);
        CrashPoint.at("condition.signalled");
        if (count == signalled.length) {
          signalled = Arrays.copyOf(signalled, 2 * count);
        }
        signalled[count++] = next;
        next = count == most ? WaitTable.NOBODY : table.oldest();
      }
      whole = true;
    } finally {
      mutex.leave(whole);
    }
    for (int i = 0; i < count; i++) {
      wake(signalled[i]);
    }
    return count;
  }

  /** A thread that got here first and is gone is not harmed: at worst another one has a look. */
  private void wake(int entry) {
    int how = table.howItSleeps(entry);
    if (how == WaitTable.ON_ITS_WORD) {
      int _ = Futex.wake(segment, table.place(entry), 1);
    } else if (how == WaitTable.ELSEWHERE) {
      bucket(entry).wake(Integer.MAX_VALUE);
    }
  }

  /** Frees the entries of the dead, after the signals that they were given went to others. */
  private void inheritFromTheDead() {
    boolean whole = false;
    lock();
    try {
      for (int entry = 0, used = table.used(); entry < used; entry++) {
        if (table.isOfTheDead(entry)) {
          int heir = table.state(entry) == WaitTable.RELEASED ? table.oldest() : WaitTable.NOBODY;
          if (heir != WaitTable.NOBODY) {
            table.setState(heir, WaitTable.RELEASED);
            CrashPoint.at("condition.inherited");
            wake(heir);
          }
          table.free(entry);
        }
      }
      whole = true;
    } finally {
      mutex.leave(whole);
    }
  }

  /** How many threads wait just now. */
  public int waiting() {
    return table.countWaiting();
  }

  /**
   * What a dead holder of the mutex leaves is whole: each entry is as it was, or as it shall be.
   */
  private static void leaveAsItIs() {}

  private void lock() {
    mutex.enter(WaitSet::leaveAsItIs);
  }
}
