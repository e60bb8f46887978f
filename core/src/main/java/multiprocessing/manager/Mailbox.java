package multiprocessing.manager;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import multiprocessing.internal.sync.Signal;
import multiprocessing.internal.sync.Words;
import org.jspecify.annotations.Nullable;

/** Room in shared memory for one message at a time, from one thread to another. */
final class Mailbox {
  /*
   *   +0   state    EMPTY, FULL, or ASLEEP: empty, and its reader sleeps elsewhere
   *   +4   length   of the message; ELSEWHERE if that is too large for the box
   *   +8   signal   where the reader dozes before it sleeps elsewhere
   *   +64  the message
   *
   * The writer fills an empty box only, which it is when the message before has been taken. What is
   * in the box is published, and whether the reader sleeps is learned, by one exchange of the state.
   */
  private static final long STATE = 0;
  private static final long LENGTH = 4;
  private static final long SIGNAL = 8;
  private static final long MESSAGE = 64;
  private static final int ROOM = 16 * 1024;
  private static final int EMPTY = 0;
  private static final int FULL = 1;
  private static final int ASLEEP = 2;
  private static final int ELSEWHERE = -1;

  /** The size in bytes. */
  static final long BYTES = MESSAGE + ROOM;

  private final MemorySegment segment;
  private final long base;
  private final Signal signal;

  /** The box at a place that held zeros at first. */
  Mailbox(MemorySegment segment, long base) {
    this.segment = segment;
    this.base = base;
    this.signal = new Signal(segment, base + SIGNAL);
  }

  /** Whether a message has room in a box. */
  static boolean hasRoomFor(byte[] message) {
    return message.length <= ROOM;
  }

  /** Whether, and where, the reader was asleep when a message was put. */
  enum Reader {
    AWAKE,
    WOKEN,
    ASLEEP_ELSEWHERE
  }

  /**
   * Puts a message in, or if there is no room for it, a note that it comes by another way; wakes
   * the reader if that dozes.
   */
  Reader put(byte[] message) {
    int length = ELSEWHERE;
    if (hasRoomFor(message)) {
      length = message.length;
      MemorySegment.copy(message, 0, segment, ValueLayout.JAVA_BYTE, base + MESSAGE, length);
    }
    Words.INT.set(segment, base + LENGTH, length);
    if ((int) Words.INT.getAndSet(segment, base + STATE, FULL) == ASLEEP) {
      return Reader.ASLEEP_ELSEWHERE;
    }
    return signal.wakeIfAsleep(1) ? Reader.WOKEN : Reader.AWAKE;
  }

  boolean isFull() {
    return (int) Words.INT.getVolatile(segment, base + STATE) == FULL;
  }

  /** The reader waits here for a message, for 50 ms at most. */
  void doze() {
    int prepared = signal.prepare();
    if (!isFull()) {
      signal.sleep(prepared, Long.MAX_VALUE);
    }
  }

  /** The reader goes to sleep elsewhere; false if there is a message. */
  boolean sleep() {
    return Words.INT.compareAndSet(segment, base + STATE, EMPTY, ASLEEP);
  }

  /** Whether the message that there is comes by another way. */
  boolean isElsewhere() {
    return length() == ELSEWHERE;
  }

  /**
   * Empties the box; null if its message came by another way.
   *
   * @throws IllegalStateException if the other side has damaged the box
   */
  byte @Nullable [] take() {
    int length = length();
    if (length < ELSEWHERE || length > ROOM) {
      throw new IllegalStateException(
          "a box of " + ROOM + " bytes claims to hold a message of " + length);
    }
    byte[] message = null;
    if (length != ELSEWHERE) {
      message = new byte[length];
      MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, base + MESSAGE, message, 0, length);
    }
    Words.INT.setRelease(segment, base + STATE, EMPTY);
    return message;
  }

  private int length() {
    return (int) Words.INT.get(segment, base + LENGTH);
  }
}
