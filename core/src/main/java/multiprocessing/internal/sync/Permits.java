package multiprocessing.internal.sync;

import java.lang.foreign.MemorySegment;
import java.util.function.BooleanSupplier;
import multiprocessing.internal.os.CrashPoint;

/**
 * Permits that processes take and give back, with a record of who has how many, so that those of a
 * dead process come back.
 */
public final class Permits {
  /*
   *   +0  mutex      guards all the rest, except the state
   *   +8  state      available (31 bits) | FROZEN | SIGNALLING | holder (30 bits, 0 if none)
   *   +16 signal     where those who wait sleep
   *   +20 bound      largest number of permits, or -1
   *   +24 intent     redo record: the entry that the holder of the mutex was about to change, + 1;
   *                  0 if it was not
   *   +32 balance    redo record: the entry's word after the change
   *   +40 next       redo record: the state after the change
   *   +64 entries    id of a process (32 bits) | permits it has taken and not given back (32 bits)
   *
   * The state tells how many permits are free, and of one more who has it: the holder. So the first
   * permit that is out is taken and given back by one compare-and-set each, which a kill finds done
   * or not done; nothing but the word itself decides whether such a change is right.
   *
   * Where there is a holder already, who takes a permit becomes the holder, and the permit of the one
   * before is noted in the entry of its process, under the mutex: two words change, entry and state.
   * Who has got the mutex freezes the state first, which those who would change it alone respect by
   * coming for the mutex. It writes both new values into the redo record, then `intent` (the commit),
   * then the two words, clears `intent`, and thaws the state. Who gets the mutex from a dead one does
   * the second half again if `intent` is set, which is so only while the state is frozen, and thaws.
   *
   * A process that dies with permits loses them to those that are free: a waiter that has slept for
   * a slice in vain looks for dead ones. But a semaphore may also be used to signal, where one
   * process gives what another takes and never returns. The first release by a process that has
   * nothing to give back shows that (or a table that is full): SIGNALLING is set, and from then on
   * nothing is given back for the dead, nor is it kept who has what.
   */
  private static final long MUTEX = 0;
  private static final long STATE = 8;
  private static final long SIGNAL = 16;
  private static final long BOUND = 20;
  private static final long INTENT = 24;
  private static final long BALANCE = 32;
  private static final long NEXT = 40;
  private static final long ENTRIES = 64;
  private static final int ENTRY_COUNT = 120;

  /** Size of the structure. */
  public static final long BYTES = ENTRIES + ENTRY_COUNT * 8L;

  private static final long SIGNALLING = 1L << 30;
  private static final long FROZEN = 1L << 31;
  private static final int AVAILABLE_SHIFT = 32;
  private static final long ONE = 1L << AVAILABLE_SHIFT;

  private final MemorySegment segment;
  private final long offset;
  private final ProcessTable table;
  private final Mutex mutex;
  private final Runnable mend = this::finish;
  private final Signal signal;
  private final Backoff backoff;
  private final Glance glance = new Glance();
  private int hint; // where the entry that was looked for was last

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
    setLong(STATE, permits * ONE);
    Words.INT.setRelease(segment, offset + BOUND, bound);
  }

  /** Takes a permit if one is free, or held by a process that is dead. */
  public boolean tryAcquire() {
    return takeOne() || (glance.isDue() && reclaim() && takeOne());
  }

  private boolean takeOne() {
    while (true) {
      long state = state();
      if (available(state) == 0) {
        return false;
      }
      if ((state & FROZEN) != 0 || holder(state) != 0) {
        return changing(this::take);
      }
      long holder = (state & SIGNALLING) == 0 ? table.self() : 0;
      if (compareAndSet(state, (state - ONE) | holder)) {
        return true;
      }
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
            signal.passOn(available() > 0);
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
        if (available() == 0) {
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
    if (!giveBack(permits)) {
      return false;
    }
    signal.wake(permits);
    return true;
  }

  private boolean giveBack(int permits) {
    while (true) {
      long state = state();
      boolean isHolder = permits == 1 && holder(state) == table.self();
      if ((state & FROZEN) != 0 || !(isHolder || (state & SIGNALLING) != 0)) {
        return changing(() -> give(permits));
      }
      if (!hasRoom(state, permits)) {
        return false;
      }
      if (compareAndSet(state, withoutHolder(state) + permits * ONE)) {
        return true;
      }
    }
  }

  private boolean hasRoom(long state, int permits) {
    return available(state) <= bound() - permits;
  }

  /** Takes all free permits. */
  public int drain() {
    if (available() == 0) {
      return 0;
    }
    int[] taken = new int[1];
    boolean _ =
        changing(
            () -> {
              taken[0] = takeAll();
              return true;
            });
    return taken[0];
  }

  /** The most permits there can be. */
  public int bound() {
    int bound = (int) Words.INT.getVolatile(segment, offset + BOUND);
    return bound < 0 ? Integer.MAX_VALUE : bound;
  }

  public int available() {
    return available(state());
  }

  // --- under the mutex, the state being frozen ---

  private boolean changing(BooleanSupplier change) {
    boolean whole = false;
    mutex.enter(mend);
    try {
      freeze();
      boolean result = change.getAsBoolean();
      thaw();
      whole = true;
      return result;
    } finally {
      mutex.leave(whole);
    }
  }

  private void freeze() {
    long state = state();
    while (!compareAndSet(state, state | FROZEN)) {
      state = state();
    }
    CrashPoint.at("permits.frozen");
  }

  private void thaw() {
    CrashPoint.at("permits.done");
    setLong(STATE, state() & ~FROZEN);
  }

  /** What a dead one has begun. */
  private void finish() {
    if ((state() & FROZEN) != 0) {
      if (getLong(INTENT) != 0) {
        carryOut();
      }
      thaw();
    }
  }

  /** Who has a permit for longer than others goes to the entries: the newest one is the holder. */
  private boolean take() {
    if (available() == 0) {
      return false;
    }
    int entry = entry(holder(state()));
    if (entry < 0 && reclaimFromDead()) {
      entry = entry(holder(state()));
    }
    int before = holder(state());
    long next = withoutHolder(state()) - ONE;
    if (isSignalling()) {
      setLong(STATE, next);
    } else if (before == 0) {
      setLong(STATE, next | table.self());
    } else if (entry < 0) {
      setLong(STATE, next | SIGNALLING);
    } else {
      change(entry, before, count(entryWord(entry)) + 1, next | table.self());
    }
    return true;
  }

  private int takeAll() {
    int all = available();
    long next = state() - all * ONE;
    int entry = entry(table.self());
    if (isSignalling() || entry < 0) {
      setLong(STATE, withoutHolder(next) | SIGNALLING);
    } else {
      change(entry, table.self(), count(entryWord(entry)) + all, next);
    }
    return all;
  }

  private boolean give(int permits) {
    long state = state();
    if (!hasRoom(state, permits)) {
      return false;
    }
    long next = state + permits * ONE;
    int entry = entry(table.self());
    int held = entry < 0 ? 0 : count(entryWord(entry));
    int left = held - permits;
    if (left < 0 && holder(state) == table.self()) {
      next = withoutHolder(next);
      left++;
    }
    if (isSignalling() || left < 0) {
      setLong(STATE, withoutHolder(next) | SIGNALLING);
    } else if (left != held) {
      change(entry, table.self(), left, next);
    } else {
      setLong(STATE, next);
    }
    return true;
  }

  private void change(int entry, int process, int held, long next) {
    setLong(BALANCE, (long) process << 32 | held);
    setLong(NEXT, next);
    setLong(INTENT, entry + 1);
    CrashPoint.at("permits.intent");
    carryOut();
  }

  private void carryOut() {
    setLong(ENTRIES + (getLong(INTENT) - 1) * 8, getLong(BALANCE));
    CrashPoint.at("permits.half");
    setLong(STATE, getLong(NEXT));
    setLong(INTENT, 0);
  }

  /** Takes back what dead processes had; true if that was anything. */
  private boolean reclaim() {
    return !isSignalling() && changing(this::reclaimFromDead);
  }

  /** All of it: one who dies between two looks has its permits in two places. */
  private boolean reclaimFromDead() {
    boolean any = false;
    while (!isSignalling() && reclaimFromNewlyDead()) {
      any = true;
    }
    return any;
  }

  private boolean reclaimFromNewlyDead() {
    boolean any = false;
    int holder = holder(state());
    if (holder != 0 && !table.isAlive(holder)) {
      setLong(STATE, withoutHolder(state()) + ONE);
      any = true;
    }
    for (int entry = 0; entry < ENTRY_COUNT; entry++) {
      long word = entryWord(entry);
      if (count(word) != 0 && !table.isAlive(process(word))) {
        change(entry, process(word), 0, state() + count(word) * ONE);
        any = true;
      }
    }
    return any;
  }

  /** The entry of a process, or a free one, or -1. */
  private int entry(int process) {
    if (process(entryWord(hint)) == process) {
      return hint;
    }
    int free = -1;
    for (int entry = 0; entry < ENTRY_COUNT; entry++) {
      long word = entryWord(entry);
      if (process(word) == process) {
        hint = entry;
        return entry;
      }
      if (count(word) == 0 && free < 0) {
        free = entry;
      }
      if (word == 0) { // never used, as are all behind it
        break;
      }
    }
    return free;
  }

  private long entryWord(int entry) {
    return getLong(ENTRIES + entry * 8L);
  }

  private static int process(long entryWord) {
    return (int) (entryWord >>> 32);
  }

  private static int count(long entryWord) {
    return (int) entryWord;
  }

  private static int available(long state) {
    return (int) (state >>> AVAILABLE_SHIFT);
  }

  private static int holder(long state) {
    return (int) state & ProcessTable.ID_MASK;
  }

  private static long withoutHolder(long state) {
    return state & ~ProcessTable.ID_MASK;
  }

  private boolean isSignalling() {
    return (state() & SIGNALLING) != 0;
  }

  private long state() {
    return getLong(STATE);
  }

  private boolean compareAndSet(long state, long next) {
    return Words.LONG.compareAndSet(segment, offset + STATE, state, next);
  }

  private long getLong(long field) {
    return (long) Words.LONG.getVolatile(segment, offset + field);
  }

  private void setLong(long field, long value) {
    Words.LONG.setRelease(segment, offset + field, value);
  }
}
