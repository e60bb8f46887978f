package multiprocessing.internal.shm;

import java.lang.foreign.MemorySegment;
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
   */
  private static final long BOUND = 0;
  private static final long STATE = 4;
  private static final long NOT_EMPTY = 64;
  private static final long NOT_FULL = 128;
  private static final long LOG = 192;
  private static final long BYTES = LOG + RecordLog.BYTES;

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
  private final Backoff putBackoff;
  private final Backoff takeBackoff;

  private RecordQueue(SharedBlock block) {
    this.block = block;
    this.segment = block.segment();
    this.base = block.offset();
    this.bound = (int) Words.INT.getVolatile(segment, base + BOUND);
    this.log = new RecordLog(block, base + LOG);
    this.notEmpty = new Signal(segment, base + NOT_EMPTY);
    this.notFull = new Signal(segment, base + NOT_FULL);
    this.putBackoff = new Backoff(block.processes());
    this.takeBackoff = new Backoff(block.processes());
  }

  /** The largest bound. */
  public static final int MOST = RecordLog.MOST;

  /** A new queue of at most {@code bound} records; without bound if that is 0. */
  public static RecordQueue create(int bound) {
    SharedBlock block = SharedBlock.create(BYTES);
    Words.INT.setVolatile(block.segment(), block.offset() + BOUND, bound);
    RecordQueue queue = new RecordQueue(block);
    queue.log.format();
    return queue;
  }

  /** The queue whose head a block is. */
  public static RecordQueue at(SharedBlock block) {
    return new RecordQueue(block);
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
    notEmpty.wake(1);
    return true;
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
      taken = awaitRecord(nanos);
    }
    return taken == null ? null : log.decode(taken, decoder);
  }

  /** As {@link #take}, without waiting. */
  public <T> @Nullable T poll(Decoder<T> decoder) {
    RecordLog.Taken taken = tryTake();
    return taken == null ? null : log.decode(taken, decoder);
  }

  private RecordLog.@Nullable Taken awaitRecord(long nanos) throws InterruptedException {
    long end = System.nanoTime() + nanos;
    Backoff.Wait wait = takeBackoff.begin();
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
