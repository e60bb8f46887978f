package multiprocessing.internal.sync;

import java.lang.foreign.MemorySegment;
import java.util.function.LongUnaryOperator;
import multiprocessing.internal.os.CrashPoint;
import org.jspecify.annotations.Nullable;

/** Threads of any processes that wait for each other: what a barrier is made of. */
public final class Turnstile {
  /*
   *   +0  mutex     guards all the rest
   *   +8  signal    where all those who wait sleep
   *   +12 parties   how many make a round complete
   *   +16 state     OPEN, ACTING: a party runs the action, OUT_OF_ORDER
   *   +24 verdict   redo record: what those who wait are told, 0 if nothing
   *   +28 after     redo record: the state after that
   *   +32 dead pid  whose death broke it last
   *   +64 table     see WaitTable: who waits
   *
   * A round ends when all who wait are told that it is complete, or that it is broken. That touches
   * one entry each, that of the acting party too, so the holder of the mutex writes down what it is about to tell first; who gets
   * the mutex from a dead holder tells the rest. Each learns its verdict from its own entry, also if
   * many rounds have passed before it comes to look.
   * A process that dies while it waits, or while it runs the action, would be waited for in vain:
   * those who wait look each 50 ms, and break the round. Killed after it was told, it leaves an entry
   * that is freed then. They also look whether one who holds the mutex is dead, for a process may be
   * killed half way through a reset() without having waited itself.
   */
  private static final long MUTEX = 0;
  private static final long SIGNAL = 8;
  private static final long PARTIES = 12;
  private static final long STATE = 16;
  private static final long VERDICT = 24;
  private static final long AFTER = 28;
  private static final long DEAD_PID = 32;
  private static final long TABLE = 64;

  private static final int OPEN = 0;
  private static final int ACTING = 1;
  private static final int OUT_OF_ORDER = 2;

  /** Size of the structure. */
  public static final long BYTES = TABLE + WaitTable.BYTES;

  /** The most parties. */
  public static final int MOST = WaitTable.MOST / 2;

  /** What {@link #await} gives if the round was broken. */
  public static final int BROKEN = -1;

  private final MemorySegment segment;
  private final long offset;
  private final Mutex mutex;
  private final Runnable mend = this::finishVerdict;
  private final Signal signal;
  private final WaitTable table;
  private final Backoff backoff;

  /** A new one in zeroed memory, or one that was made there before; see {@link WaitTable}. */
  public Turnstile(
      MemorySegment segment, long offset, ProcessTable processes, LongUnaryOperator more) {
    this.segment = segment;
    this.offset = offset;
    this.mutex = new Mutex(segment, offset + MUTEX, processes);
    this.signal = new Signal(segment, offset + SIGNAL);
    this.table = new WaitTable(segment, offset + TABLE, processes, more);
    this.backoff = new Backoff(processes);
  }

  /** Sets up a new one. */
  public void format(int parties) {
    set(PARTIES, parties);
  }

  public int parties() {
    return get(PARTIES);
  }

  /**
   * One who has come.
   *
   * @param entry its entry; BROKEN if none can come, ACTING if none can come just now
   * @param missing how many have still to come
   */
  private record Arrival(int entry, int missing) {
    private static final Arrival TOO_EARLY = new Arrival(-2, 0);
    private static final Arrival TOO_LATE = new Arrival(BROKEN, 0);
  }

  /**
   * Waits until all parties wait, for {@code nanos} nanoseconds at most ({@code Long.MAX_VALUE}: no
   * end); breaks the barrier if the time runs out or the thread is interrupted.
   *
   * @param action what the last one to come runs first
   * @return how many had still to come when the caller came, or BROKEN
   */
  public int await(@Nullable Runnable action, long nanos) throws InterruptedException {
    if (Thread.interrupted()) {
      abort();
      throw new InterruptedException();
    }
    Deadline deadline = Deadline.in(nanos);
    Backoff.Wait wait = backoff.begin();
    try {
      Arrival arrival = arrive(action != null);
      while (arrival == Arrival.TOO_EARLY) {
        if (deadline.left() <= 0) {
          abort();
          return BROKEN;
        }
        pause(WaitTable.NOBODY, deadline, wait);
        arrival = arrive(action != null);
      }
      if (arrival == Arrival.TOO_LATE) {
        return BROKEN;
      }
      if (arrival.missing == 0 && action != null) {
        act(arrival.entry, action);
      }
      return pass(arrival.entry, deadline, wait) ? arrival.missing : BROKEN;
    } finally {
      wait.end();
    }
  }

  private Arrival arrive(boolean hasAction) {
    Arrival arrival;
    boolean isComplete = false;
    boolean whole = false;
    lock();
    try {
      int broken = buryThoseWhoWait() ? OUT_OF_ORDER : OPEN;
      int state = Math.max(broken, get(STATE));
      if (state == OPEN) {
        int entry = table.add();
        CrashPoint.at("barrier.arrived");
        int missing = parties() - table.countWaiting();
        arrival = new Arrival(entry, missing);
        isComplete = missing == 0 && !hasAction;
        if (isComplete) {
          tellAll(WaitTable.RELEASED, OPEN);
        } else if (missing == 0) {
          set(STATE, ACTING);
        }
      } else {
        arrival = state == ACTING ? Arrival.TOO_EARLY : Arrival.TOO_LATE;
      }
      whole = true;
    } finally {
      mutex.leave(whole);
    }
    if (isComplete) {
      signal.wake(Integer.MAX_VALUE);
    }
    return arrival;
  }

  private void act(int entry, Runnable action) {
    int verdict = WaitTable.BROKEN;
    try {
      CrashPoint.at("barrier.acting");
      action.run();
      verdict = WaitTable.RELEASED;
    } finally {
      boolean completed = verdict == WaitTable.RELEASED;
      endRound(entry, verdict, completed ? OPEN : OUT_OF_ORDER);
      if (!completed) {
        table.free(entry);
      }
    }
  }

  /** Waits until the entry's thread is told something, and frees it. */
  private boolean pass(int entry, Deadline deadline, Backoff.Wait wait)
      throws InterruptedException {
    boolean done = false;
    try {
      while (table.state(entry) == WaitTable.WAITING) {
        if (deadline.left() <= 0) {
          endRound(entry, WaitTable.BROKEN, OUT_OF_ORDER);
        } else {
          pause(entry, deadline, wait);
        }
      }
      boolean passed = table.state(entry) == WaitTable.RELEASED;
      done = true;
      return passed;
    } finally {
      if (!done) { // thrown out: by an interrupt of somebody who was told nothing yet, or an error
        endRound(entry, WaitTable.BROKEN, OUT_OF_ORDER);
      }
      table.free(entry);
    }
  }

  /** Spends a moment, of sleep after a while, as long as nothing has changed. */
  private void pause(int entry, Deadline deadline, Backoff.Wait wait) throws InterruptedException {
    if (wait.spin()) {
      return;
    }
    wait.sleeps();
    int prepared = signal.prepare();
    if (hasToWait(entry)) {
      signal.sleep(prepared, deadline.left());
    }
    if (hasToWait(entry)) {
      if (table.lookForTheDead() || mutex.wantsMending()) {
        mourn();
      }
      if (Thread.interrupted()) {
        interrupted(entry);
      }
    }
  }

  private boolean hasToWait(int entry) {
    return entry == WaitTable.NOBODY
        ? get(STATE) == ACTING
        : table.state(entry) == WaitTable.WAITING;
  }

  private void interrupted(int entry) throws InterruptedException {
    boolean isTold = entry != WaitTable.NOBODY && !endRound(entry, WaitTable.BROKEN, OUT_OF_ORDER);
    if (isTold) {
      Thread.currentThread().interrupt(); // too late to break anything: it is for the caller
    } else {
      throw new InterruptedException();
    }
  }

  /** Ends the round of an entry, unless it has ended before. */
  private boolean endRound(int entry, int verdict, int after) {
    boolean ends;
    boolean whole = false;
    lock();
    try {
      ends = table.state(entry) == WaitTable.WAITING;
      if (ends) {
        tellAll(verdict, after);
      }
      whole = true;
    } finally {
      mutex.leave(whole);
    }
    signal.wake(Integer.MAX_VALUE);
    return ends;
  }

  /** Breaks the round that a dead process takes part in; frees what else the dead have left. */
  private void mourn() {
    boolean whole = false;
    lock();
    try {
      boolean _ = buryThoseWhoWait();
      for (int entry = 0, used = table.used(); entry < used; entry++) {
        if (table.isOfTheDead(entry)) {
          table.free(entry);
        }
      }
      whole = true;
    } finally {
      mutex.leave(whole);
    }
    signal.wake(Integer.MAX_VALUE);
  }

  /** Breaks the round if one of those who wait is known to be dead; says whether that is so. */
  private boolean buryThoseWhoWait() {
    int dead = 0;
    for (int entry = 0, used = table.used(); entry < used; entry++) {
      if (table.state(entry) == WaitTable.WAITING && table.isOfTheDead(entry)) {
        dead = table.pid(entry);
      }
    }
    if (dead != 0) {
      tellAll(WaitTable.BROKEN, OUT_OF_ORDER);
      set(DEAD_PID, dead);
    }
    return dead != 0;
  }

  /** Breaks the barrier until {@link #reset}. */
  public void abort() {
    tellAllAtOnce(OUT_OF_ORDER);
  }

  /** Sends those who wait away, and makes the barrier as new. */
  public void reset() {
    tellAllAtOnce(OPEN);
  }

  private void tellAllAtOnce(int after) {
    boolean whole = false;
    lock();
    try {
      tellAll(WaitTable.BROKEN, after);
      whole = true;
    } finally {
      mutex.leave(whole);
    }
    signal.wake(Integer.MAX_VALUE);
  }

  private void tellAll(int verdict, int after) {
    set(AFTER, after);
    set(VERDICT, verdict);
    CrashPoint.at("barrier.verdict");
    finishVerdict();
  }

  private void finishVerdict() {
    int verdict = get(VERDICT);
    if (verdict == 0) {
      return;
    }
    for (int entry = 0, used = table.used(); entry < used; entry++) {
      if (table.state(entry) == WaitTable.WAITING) {
        table.setState(entry, verdict);
        CrashPoint.at("barrier.told");
      }
    }
    if (verdict == WaitTable.RELEASED || get(AFTER) == OPEN) {
      set(DEAD_PID, 0);
    }
    set(STATE, get(AFTER));
    set(VERDICT, 0);
  }

  public boolean isBroken() {
    return get(STATE) == OUT_OF_ORDER;
  }

  /** How many wait just now. */
  public int waiting() {
    return isBroken() ? 0 : table.countWaiting();
  }

  /** The process whose death broke the barrier; 0 if it was none. */
  public int deadPid() {
    return get(DEAD_PID);
  }

  private void lock() {
    mutex.enter(mend);
  }

  private int get(long field) {
    return (int) Words.INT.getVolatile(segment, offset + field);
  }

  private void set(long field, int value) {
    Words.INT.setVolatile(segment, offset + field, value);
  }
}
