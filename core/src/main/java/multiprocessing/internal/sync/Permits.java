package multiprocessing.internal.sync;

import java.lang.foreign.MemorySegment;
import multiprocessing.internal.os.CrashPoint;

/**
 * Permits that processes take and give back, with a record of who has how many, so that those of a
 * dead process come back.
 */
public final class Permits {
  /*
   *   +0  mutex      guards all the rest
   *   +8  available  permits that are free
   *   +12 signal     where those who wait sleep
   *   +16 bound      largest number of permits, or -1
   *   +20 flags      SIGNALLING: see below
   *   +24 intent     redo record: what the holder of the mutex was about to change
   *                  entry (16 bits: index + 1) | available after the change (31 bits)
   *   +32 balance    redo record: the entry's word after the change
   *   +64 entries    id of a process (32 bits) | permits it has taken and not given back (32 bits)
   *
   * A change touches two words, `available` and one entry. The holder of the mutex writes both new
   * values into the redo record, then `intent` (the commit), then the two words, then clears
   * `intent`. Who gets the mutex from a dead holder does the second half again if `intent` is set.
   *
   * A process that dies with permits in its entry loses them to `available`: a waiter that has slept
   * for a slice in vain looks for such entries. But a semaphore may also be used to signal, where
   * one process gives what another takes and never returns. The first release by a process that has
   * nothing to give back shows that (or a table that is full): SIGNALLING is set, and from then on
   * nothing is given back for the dead.
   */
  private static final long MUTEX = 0;
  private static final long AVAILABLE = 8;
  private static final long SIGNAL = 12;
  private static final long BOUND = 16;
  private static final long FLAGS = 20;
  private static final long INTENT = 24;
  private static final long BALANCE = 32;
  private static final long ENTRIES = 64;
  private static final int ENTRY_COUNT = 120;

  /** Size of the structure. */
  public static final long BYTES = ENTRIES + ENTRY_COUNT * 8L;

  private static final int SIGNALLING = 1;

  private final MemorySegment segment;
  private final long offset;
  private final ProcessTable table;
  private final Mutex mutex;
  private final Runnable mend = this::finishChange;
  private final Signal signal;
  private final Backoff backoff;
  private final Glance glance = new Glance();
  private int hint; // where the entry of this process was last

  public Permits(MemorySegment segment, long offset, ProcessTable table) {
    this.segment = segment;
    this.offset = offset;
    this.table = table;
    this.mutex = new Mutex(segment, offset + MUTEX, table);
    this.signal = new Signal(segment, offset + SIGNAL);
    this.backoff = new Backoff(table);
  }

  /** Sets up a new one, in zeroed memory; {@code bound} is -1 if there is none. */
  public void format(int permits, int bound) {
    setInt(AVAILABLE, permits);
    setInt(BOUND, bound);
  }

  /** Takes a permit if one is free, or held by a process that is dead. */
  public boolean tryAcquire() {
    return takeOne() || (glance.isDue() && reclaim() && takeOne());
  }

  private boolean takeOne() {
    if (getInt(AVAILABLE) <= 0) {
      return false;
    }
    boolean whole = false;
    lock();
    try {
      boolean taken = take();
      whole = true;
      return taken;
    } finally {
      unlock(whole);
    }
  }

  /**
   * Takes a permit; waits for {@code nanos} nanoseconds at most ({@code Long.MAX_VALUE}: no end).
   *
   * @return false if the time ran out
   * @throws InterruptedException if the thread is interrupted, noticed within 50 ms
   */
  public boolean acquire(long nanos) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    if (takeOne()) {
      return true;
    }
    Deadline deadline = Deadline.in(nanos);
    Backoff.Wait wait = backoff.begin();
    boolean slept = false;
    try {
      while (true) {
        if (takeOne()) {
          if (slept) {
            signal.passOn(getInt(AVAILABLE) > 0);
          }
          return true;
        }
        long left = deadline.left();
        if (left <= 0) {
          return reclaim() && takeOne();
        }
        if (wait.spin()) {
          continue;
        }
        wait.sleeps();
        if (slept) {
          reclaim();
        }
        slept = true;
        int prepared = signal.prepare();
        if (getInt(AVAILABLE) <= 0) {
          signal.sleep(prepared, left);
        }
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
      }
    } finally {
      wait.end();
    }
  }

  /**
   * Gives permits back.
   *
   * @return false, and nothing is changed, if there would be more than the bound allows
   */
  public boolean release(int permits) {
    boolean whole = false;
    lock();
    try {
      int available = getInt(AVAILABLE);
      int bound = getInt(BOUND);
      if (available > Integer.MAX_VALUE - permits || (bound >= 0 && available + permits > bound)) {
        whole = true;
        return false;
      }
      int entry = entry();
      int held = entry < 0 ? 0 : count(entryWord(entry));
      if (held < permits) {
        setInt(FLAGS, getInt(FLAGS) | SIGNALLING);
      }
      change(entry, Math.max(0, held - permits), available + permits);
      whole = true;
    } finally {
      unlock(whole);
    }
    signal.wake(permits);
    return true;
  }

  /** Takes all free permits. */
  public int drain() {
    boolean whole = false;
    lock();
    try {
      int taken = 0;
      while (take()) {
        taken++;
      }
      whole = true;
      return taken;
    } finally {
      unlock(whole);
    }
  }

  /** The most permits there can be. */
  public int bound() {
    int bound = getInt(BOUND);
    return bound < 0 ? Integer.MAX_VALUE : bound;
  }

  public int available() {
    return Math.max(0, getInt(AVAILABLE));
  }

  private boolean take() {
    int available = getInt(AVAILABLE);
    if (available <= 0) {
      return false;
    }
    int entry = entry();
    if (entry < 0 && reclaimLocked()) {
      available = getInt(AVAILABLE);
      entry = entry();
    }
    if (entry < 0) {
      setInt(FLAGS, getInt(FLAGS) | SIGNALLING);
    }
    int held = entry < 0 ? 0 : count(entryWord(entry));
    change(entry, held + 1, available - 1);
    return true;
  }

  private void change(int entry, int held, int available) {
    setLong(BALANCE, (long) table.self() << 32 | held);
    setLong(INTENT, (long) (entry + 1) << 32 | available | 1L << 63);
    CrashPoint.at("permits.intent");
    carryOut();
  }

  private void carryOut() {
    long intent = getLong(INTENT);
    int entry = (int) (intent >>> 32 & 0xFFFF) - 1;
    if (entry >= 0) {
      setLong(ENTRIES + entry * 8L, getLong(BALANCE));
    }
    CrashPoint.at("permits.half");
    setInt(AVAILABLE, (int) intent);
    setLong(INTENT, 0);
  }

  private void lock() {
    mutex.enter(mend);
  }

  private void unlock(boolean whole) {
    mutex.leave(whole);
  }

  private void finishChange() {
    if (getLong(INTENT) != 0) {
      carryOut();
    }
  }

  /** Takes back what dead processes had; true if that was anything. */
  private boolean reclaim() {
    if ((getInt(FLAGS) & SIGNALLING) != 0) {
      return false;
    }
    boolean whole = false;
    lock();
    try {
      boolean any = reclaimLocked();
      whole = true;
      return any;
    } finally {
      unlock(whole);
    }
  }

  private boolean reclaimLocked() {
    boolean any = false;
    if ((getInt(FLAGS) & SIGNALLING) == 0) {
      for (int entry = 0; entry < ENTRY_COUNT; entry++) {
        long word = entryWord(entry);
        if (count(word) != 0 && !table.isAlive((int) (word >>> 32))) {
          change(entry, 0, getInt(AVAILABLE) + count(word));
          any = true;
        }
      }
    }
    return any;
  }

  /** The entry of this process, or a free one, or -1. */
  private int entry() {
    int self = table.self();
    if ((int) (entryWord(hint) >>> 32) == self) {
      return hint;
    }
    int free = -1;
    for (int entry = ENTRY_COUNT - 1; entry >= 0; entry--) {
      long word = entryWord(entry);
      if ((int) (word >>> 32) == self) {
        hint = entry;
        return entry;
      }
      if (count(word) == 0) {
        free = entry;
      }
    }
    if (free >= 0) {
      hint = free;
    }
    return free;
  }

  private long entryWord(int entry) {
    return getLong(ENTRIES + entry * 8L);
  }

  private static int count(long entryWord) {
    return (int) entryWord;
  }

  private int getInt(long field) {
    return (int) Words.INT.getVolatile(segment, offset + field);
  }

  private void setInt(long field, int value) {
    Words.INT.setRelease(segment, offset + field, value);
  }

  private long getLong(long field) {
    return (long) Words.LONG.getVolatile(segment, offset + field);
  }

  private void setLong(long field, long value) {
    Words.LONG.setRelease(segment, offset + field, value);
  }
}
