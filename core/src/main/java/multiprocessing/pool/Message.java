package multiprocessing.pool;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.serial.Payload;
import org.jspecify.annotations.Nullable;

/**
 * The messages between a pool and its workers: a head of 17 bytes, kind and two numbers, then what
 * the kind says.
 */
final class Message {
  /** To a worker: run a callable. Numbers: task, flags. Content: the callable. */
  static final byte CALL = 1;

  /** To a worker: remember a function. Numbers: flags, job. Content: the function. */
  static final byte JOB = 2;

  /** To a worker: apply the function of a job. Numbers: task, job. Content: items. */
  static final byte ITEMS = 3;

  /** To a worker: forget a function. Numbers: 0, job. */
  static final byte FORGET = 4;

  /** To a worker: leave. */
  static final byte STOP = 5;

  /** To a pool: the worker is ready for work. */
  static final byte READY = 6;

  /** To a pool: the value of a task. Numbers: task, nanoseconds it ran. Content: the value. */
  static final byte VALUE = 7;

  /** To a pool: a task failed, or the initializer. Numbers and content as VALUE. */
  static final byte FAILURE = 8;

  /** To a pool: outcomes of the next items of a task. Numbers as VALUE. Content: outcomes. */
  static final byte OUTCOMES = 9;

  /** To a pool: where the threads of the worker are. Numbers: 0, 0. Content: a text. */
  static final byte DUMP = 10;

  /** To a pool: the worker takes more memory than it may. Numbers: bytes, 0. */
  static final byte FULL = 11;

  /** A flag: the task may have to be interrupted, so there must be a watch. */
  static final long WATCHED = 1;

  static final int HEAD = 17;

  private Message() {}

  /** A message of a head alone. */
  static byte[] of(byte kind, long first, long second) {
    return head(new byte[HEAD], kind, first, second);
  }

  /** The head of a message followed by the head of its content. */
  static byte[] of(byte kind, long first, long second, Payload content) {
    byte[] bytes = new byte[HEAD + content.headLength()];
    System.arraycopy(content.head(), 0, bytes, HEAD, content.headLength());
    return head(bytes, kind, first, second);
  }

  private static byte[] head(byte[] bytes, byte kind, long first, long second) {
    ByteBuffer.wrap(bytes).put(kind).putLong(first).putLong(second);
    return bytes;
  }

  static long first(byte[] message) {
    return head(message).getLong(1);
  }

  static long second(byte[] message) {
    return head(message).getLong(9);
  }

  private static ByteBuffer head(byte[] message) {
    if (message.length < HEAD) {
      throw new IllegalStateException(
          "a message of a pool ends after " + message.length + " bytes");
    }
    return ByteBuffer.wrap(message);
  }

  static int intAt(byte[] bytes, int at) {
    return ByteBuffer.wrap(bytes).getInt(at);
  }

  /** How many pieces a message has. */
  static int count(byte[] message) {
    int count = 0;
    for (Pieces pieces = new Pieces(message); pieces.next(); ) {
      count++;
    }
    return count;
  }

  /** A message that is made piece by piece: items, or outcomes. */
  static final class Builder {
    private static final int LARGE = 256 * 1024;

    private byte[] bytes = new byte[256];
    private int length;
    private int pieces;

    /** Begins a new message. */
    Builder begin(byte kind, long first, long second) {
      head(bytes, kind, first, second);
      length = HEAD;
      pieces = 0;
      return this;
    }

    /** Sets the second number, which is not known before the end. */
    void setSecond(long second) {
      ByteBuffer.wrap(bytes).putLong(9, second);
    }

    /** Adds a piece: a mark, its length, its bytes. */
    void add(byte mark, Payload payload) {
      int size = Math.toIntExact(payload.size());
      ensure(size + 5);
      ByteBuffer.wrap(bytes).put(length, mark).putInt(length + 1, size);
      payload.writeTo(MemorySegment.ofArray(bytes), length + 5L);
      length += size + 5;
      pieces++;
    }

    /** Adds a piece as it was in another message, its head included. */
    void addWhole(byte[] from, int offset, int size) {
      ensure(size);
      System.arraycopy(from, offset, bytes, length, size);
      length += size;
      pieces++;
    }

    private void ensure(int more) {
      if (bytes.length - length < more) {
        bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, Math.addExact(length, more)));
      }
    }

    /** Gives back the room that a big message took. */
    void shrinkIfLarge() {
      if (bytes.length > LARGE) {
        bytes = new byte[256];
        length = HEAD;
      }
    }

    int pieces() {
      return pieces;
    }

    int length() {
      return length;
    }

    byte[] bytes() {
      return bytes;
    }
  }

  /** Goes through the pieces of a message. */
  static final class Pieces {
    private final byte[] message;
    private int next = HEAD;
    private int at;
    private int length;
    private byte mark;

    Pieces(byte[] message) {
      this.message = message;
    }

    /**
     * Steps to the next piece, if there is one.
     *
     * @throws IllegalStateException if the message is damaged
     */
    boolean next() {
      if (next >= message.length) {
        return false;
      }
      int room = message.length - next - 5;
      ByteBuffer buffer = ByteBuffer.wrap(message);
      length = room < 0 ? -1 : buffer.getInt(next + 1);
      if (length < 0 || length > room) {
        throw new IllegalStateException(
            "a piece of a message of a pool claims " + length + " bytes and has " + room);
      }
      mark = buffer.get(next);
      at = next + 5;
      next = at + length;
      return true;
    }

    boolean hasMore() {
      return next < message.length;
    }

    byte mark() {
      return mark;
    }

    /** Where the piece begins, with its head. */
    int start() {
      return at - 5;
    }

    /** Its size, with its head. */
    int size() {
      return length + 5;
    }

    @Nullable Object decode(Codec codec) {
      return codec.decode(message, at, length);
    }
  }
}
