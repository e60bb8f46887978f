package multiprocessing.internal.shm;

import java.io.Serial;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import multiprocessing.error.ShutdownException;
import multiprocessing.internal.sync.Backoff;
import multiprocessing.internal.sync.Signal;
import multiprocessing.internal.sync.Words;
import org.jspecify.annotations.Nullable;

/**
 * A first-in first-out queue of byte records between any processes of the tree, bounded by a number
 * of records or not at all.
 *
 * <p>One producer's records are taken in the order in which it put them. A record that was put is
 * taken once, whoever dies, except that one which a process has taken and not used yet dies with
 * it.
 */
public final class RecordQueue {
  /*
   *   +0   bound      most records, 0 for no bound       +4 state: OPEN, CLOSING, CLOSED
   *   +64  not empty  where consumers sleep
   *   +128 not full   where producers sleep
   *   +192 log        see RecordLog, and there why kills do no harm
   * and, where it is counted what processes have in their hands:
   *        done       where those sleep who wait until nobody has anything
   *        ledger     see Ledger
   */
  private static final long BOUND = 0;
  private static final long STATE = 4;
  private static final long NOT_EMPTY = 64;
  private static final long NOT_FULL = 128;
  private static final long LOG = 192;
  private static final long BYTES = LOG + RecordLog.BYTES;
  private static final long DONE = (BYTES + 63) & -64;
  private static final long LEDGER = DONE + 64;
  private static final long BYTES_WITH_LEDGER = LEDGER + Ledger.BYTES;

  private static final int OPEN = 0;
  private static final int CLOSING = 1;
  private static final int CLOSED = 2;

  private final SharedBlock block;
  private final MemorySegment segment;
  private final long base;
  private final int bound;
  private final RecordLog log;
  private final Signal notEmpty;
  private final Signal notFull;
  private final @Nullable Ledger ledger;
  private final @Nullable Signal done;
  private final Backoff putBackoff;
  private final Backoff takeBackoff;
  private boolean hasWoken; // racy, which costs a spin too many or too few

  private RecordQueue(SharedBlock block, boolean isJoinable) {
    this.block = block;
    this.segment = block.segment();
    this.base = block.offset();
    this.bound = (int) Words.INT.getVolatile(segment, base + BOUND);
    this.ledger = isJoinable ? new Ledger(segment, base + LEDGER, block.processes()) : null;
    this.done = isJoinable ? new Signal(segment, base + DONE) : null;
    this.log = new RecordLog(block, base + LOG, ledger);
    this.notEmpty = new Signal(segment, base + NOT_EMPTY);
    this.notFull = new Signal(segment, base + NOT_FULL);
    this.putBackoff = new Backoff(block.processes());
    this.takeBackoff = new Backoff(block.processes());
  }

  /** The largest bound. */
  public static final int MOST = RecordLog.MOST;

  /** A new queue of at most {@code bound} records; without bound if that is 0. */
  public static RecordQueue create(int bound) {
    return create(bound, false);
  }

  /** The same, with {@link #taskDone} and {@link #join}. */
  public static RecordQueue createJoinable(int bound) {
    return create(bound, true);
  }

  private static RecordQueue create(int bound, boolean isJoinable) {
    SharedBlock block = SharedBlock.create(isJoinable ? BYTES_WITH_LEDGER : BYTES);
    Words.INT.setVolatile(block.segment(), block.offset() + BOUND, bound);
    RecordQueue queue = new RecordQueue(block, isJoinable);
    queue.log.format();
    return queue;
  }

  /** The queue whose head a block is. */
  public static RecordQueue at(SharedBlock block) {
    return new RecordQueue(block, false);
  }

  /** The queue with {@link #taskDone} and {@link #join} whose head a block is. */
  public static RecordQueue joinableAt(SharedBlock block) {
    return new RecordQueue(block, true);
  }

  /** The head of the queue, to send to others. */
  public SharedBlock block() {
    return block;
  }

  /**
   * Puts a record of the bytes {@code head[0..length)} and then those of {@code body}; waits for
   * room for {@code nanos} nanoseconds at most ({@code Long.MAX_VALUE}: without end).
   *
   * @return false if the time ran out
   * @throws ShutdownException if the queue is shut down
   */
  public boolean put(byte[] head, int length, @Nullable MemorySegment body, long nanos)
      throws InterruptedException {
    RecordLog.Message message = log.message(head, length, body);
    boolean done = false;
    try {
      done = tryPut(message) || (nanos > 0 && awaitRoom(message, nanos));
    } finally {
      if (!done) {
        log.drop(message);
      }
    }
    return done;
  }

  /** As {@link #put}, without waiting. */
  public boolean offer(byte[] head, int length, @Nullable MemorySegment body) {
    RecordLog.Message message = log.message(head, length, body);
    boolean done = false;
    try {
      done = tryPut(message);
    } finally {
      if (!done) {
        log.drop(message);
      }
    }
    return done;
  }

  private boolean awaitRoom(RecordLog.Message message, long nanos) throws InterruptedException {
    long end = System.nanoTime() + nanos;
    Backoff.Wait wait = putBackoff.begin();
    try {
      while (true) {
        if ((!isFull() || state() != OPEN) && tryPut(message)) {
          if (wait.slept()) {
            notFull.passOn(!isFull());
          }
          return true;
        }
        long left = nanos == Long.MAX_VALUE ? nanos : end - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        if (wait.spin()) {
          continue;
        }
        if (!wait.nap()) {
          wait.sleeps();
          int prepared = notFull.prepare();
          if (isFull() && state() == OPEN) {
            notFull.sleep(prepared, left);
          }
        }
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
      }
    } finally {
      wait.end();
    }
  }

  private boolean tryPut(RecordLog.Message message) {
    boolean room;
    boolean open;
    boolean whole = false;
    log.lockPut();
    try {
      open = state() == OPEN;
      room = !isFull();
      if (open && room) {
        log.append(message);
      }
      whole = true;
    } finally {
      log.unlockPut(whole);
    }
    if (!open) {
      throw new ShutdownException("the queue is shut down: nothing can be put any more");
    }
    if (!room) {
      // A consumer that died while it removed something may have left its room unaccounted for.
      return log.mendIfTorn() && tryPut(message);
    }
    hasWoken = notEmpty.wakeIfAsleep(1);
    return true;
  }

  /** Whether the last record that this process put woke somebody who waited for one. */
  public boolean hasWoken() {
    return hasWoken;
  }

  /**
   * Takes the oldest record; waits for one for {@code nanos} nanoseconds at most ({@code
   * Long.MAX_VALUE}: without end).
   *
   * @return what {@code decoder} makes of it, or null if the time ran out
   * @throws ShutdownException if the queue is shut down and empty
   */
  public <T> @Nullable T take(Decoder<T> decoder, long nanos) throws InterruptedException {
    RecordLog.Taken taken = tryTake();
    if (taken == null && nanos > 0) {
      taken = awaitRecord(takeBackoff.begin(), nanos);
    }
    return taken == null ? null : log.decode(taken, decoder);
  }

  /**
   * As {@link #take}, without end, for one who has just woken whoever puts the next record; see
   * {@link Backoff#beginAfterWake}.
   */
  public <T> T takeAfterWake(Decoder<T> decoder) throws InterruptedException {
    RecordLog.Taken taken = tryTake();
    if (taken == null) {
      taken = awaitRecord(takeBackoff.beginAfterWake(), Long.MAX_VALUE);
    }
    return log.decode(Objects.requireNonNull(taken), decoder);
  }

  /** As {@link #take}, without waiting. */
  public <T> @Nullable T poll(Decoder<T> decoder) {
    RecordLog.Taken taken = tryTake();
    return taken == null ? null : log.decode(taken, decoder);
  }

  private RecordLog.@Nullable Taken awaitRecord(Backoff.Wait wait, long nanos)
      throws InterruptedException {
    long end = System.nanoTime() + nanos;
    try {
      while (true) {
        if (!log.isEmpty() || state() != OPEN) {
          RecordLog.Taken taken = tryTake();
          if (taken != null) {
            if (wait.slept()) {
              notEmpty.passOn(!log.isEmpty());
            }
            return taken;
          }
        }
        long left = nanos == Long.MAX_VALUE ? nanos : end - System.nanoTime();
        if (left <= 0) {
          return null;
        }
        if (wait.spin()) {
          continue;
        }
        wait.sleeps();
        int prepared = notEmpty.prepare();
        if (log.isEmpty() && state() == OPEN) {
          notEmpty.sleep(prepared, left);
        }
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
      }
    } finally {
      wait.end();
    }
  }

  private RecordLog.@Nullable Taken tryTake() {
    RecordLog.Taken taken;
    boolean over;
    boolean whole = false;
    log.lockTake();
    try {
      int state = state();
      taken = state == CLOSED ? null : log.takeFirst();
      over = taken == null && state != OPEN;
      whole = true;
    } finally {
      log.unlockTake(whole);
    }
    if (over) {
      throw new ShutdownException("the queue is shut down and empty");
    }
    if (taken != null && bound > 0) {
      notFull.wake(1);
    }
    return taken;
  }

  /** The bytes of the oldest record, which stays where it is; null if there is none. */
  public byte @Nullable [] peek() {
    boolean whole = false;
    log.lockTake();
    try {
      byte[] first = state() == CLOSED ? null : log.peekFirst();
      whole = true;
      return first;
    } finally {
      log.unlockTake(whole);
    }
  }

  /**
   * Goes through the records from the oldest on, and removes those that {@code remove} says true
   * for, while no other process can take any.
   */
  public void removeIf(Predicate<byte[]> remove) {
    boolean whole = false;
    log.lockTake();
    try {
      log.scan(
          place -> {
            if (remove.test(log.bytesAt(place))) {
              log.removeAt(place);
            }
          });
      whole = true;
    } finally {
      log.unlockTake(whole);
    }
    notFull.wake(Integer.MAX_VALUE);
    wakeJoiners();
  }

  /** How many records are in the queue just now. */
  public int size() {
    boolean _ = log.mendIfTorn();
    return state() == CLOSED ? 0 : log.size();
  }

  /** Whether there is nothing to take just now. */
  public boolean isEmpty() {
    return size() == 0;
  }

  /** Whether there may be something to take: one look, no lock. */
  public boolean mayHaveMore() {
    return !log.isEmpty();
  }

  private boolean isFull() {
    return bound > 0 && log.size() >= bound;
  }

  /** The most records there may be; 0 for no bound. */
  public int bound() {
    return bound;
  }

  /** Ends the queue for all: nothing can be put, what is there can be taken, or is dropped now. */
  public void shutdown(boolean immediate) {
    int state = immediate ? CLOSED : CLOSING;
    log.lockPut(); // whoever puts now still puts before the end
    try {
      Words.INT.setVolatile(segment, base + STATE, state);
    } finally {
      log.unlockPut(true);
    }
    if (immediate) {
      removeIf(_ -> true);
    }
    notEmpty.wake(Integer.MAX_VALUE);
    notFull.wake(Integer.MAX_VALUE);
    wakeJoiners();
  }

  // --- what is taken and not done ---

  private void wakeJoiners() {
    if (done != null) {
      done.wake(Integer.MAX_VALUE);
    }
  }

  private Ledger ledger() {
    return Objects.requireNonNull(ledger, "not a joinable queue");
  }

  private <T> T withLedger(Function<Ledger, T> action) {
    boolean whole = false;
    log.lockTake();
    try {
      T result = action.apply(ledger());
      whole = true;
      return result;
    } finally {
      log.unlockTake(whole);
    }
  }

  /** One record that was taken is done with; false if none is known that is not. */
  public boolean taskDone() {
    boolean wasOne = withLedger(Ledger::done);
    if (log.isEmpty()) {
      wakeJoiners();
    }
    return wasOne;
  }

  /** How many records are in the queue, or in the hands of somebody who lives. */
  public int unfinished() {
    return withLedger(this::unfinished);
  }

  private int unfinished(Ledger its) {
    return (state() == CLOSED ? 0 : log.size()) + its.inHands();
  }

  private record Outlook(int pid, int lost, int unfinished) {}

  /**
   * Waits until all records are taken and done with; for {@code nanos} nanoseconds at most ({@code
   * Long.MAX_VALUE}: without end).
   *
   * @return whether they are
   * @throws LossException as soon as records are lost
   */
  public boolean join(long nanos) throws InterruptedException, LossException {
    long end = System.nanoTime() + nanos;
    Backoff.Wait wait = takeBackoff.begin();
    Signal signal = Objects.requireNonNull(done);
    try {
      while (true) {
        int prepared = wait.slept() ? signal.prepare() : 0;
        if (isAllDone()) {
          return true;
        }
        long left = nanos == Long.MAX_VALUE ? nanos : end - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        if (wait.spin()) {
          continue;
        }
        if (wait.slept()) {
          signal.sleep(prepared, left);
          lookForLosses();
        }
        wait.sleeps();
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
      }
    } finally {
      wait.end();
    }
  }

  private boolean isAllDone() throws LossException {
    Outlook outlook =
        withLedger(its -> new Outlook(its.pidOfTheDead(), its.lost(), unfinished(its)));
    if (outlook.lost > 0) {
      throw new LossException(outlook.pid, outlook.lost);
    }
    return outlook.unfinished == 0;
  }

  private void lookForLosses() {
    if (ledger().hasDead()) {
      int _ =
          withLedger(
              its -> {
                its.bury();
                return its.lost();
              });
    }
  }

  /** Forgets what was lost, so that {@link #join} does not tell of it any more; says how much. */
  public int forgetLost() {
    lookForLosses();
    return withLedger(Ledger::forgetLost);
  }

  /** Records are lost with processes that died. */
  public static final class LossException extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    private final int dead;
    private final int lost;

    LossException(int pid, int records) {
      this.dead = pid;
      this.lost = records;
    }

    /** One of the processes. */
    public int pid() {
      return dead;
    }

    /** How many records they had. */
    public int records() {
      return lost;
    }
  }

  private int state() {
    return (int) Words.INT.getVolatile(segment, base + STATE);
  }

  /** Makes something of the bytes of a record. */
  public interface Decoder<T> {
    /** The record as an array of its own. */
    T decode(byte[] record);

    /** The record as a piece of shared memory that is gone when this returns. */
    T decode(MemorySegment memory, long offset, long length);
  }
}
