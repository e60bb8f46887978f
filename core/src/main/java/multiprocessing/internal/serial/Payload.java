package multiprocessing.internal.serial;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One encoded object, ready to be copied to where it travels from.
 *
 * <p>It has a head, and for anything big a body: a view of the sender's own array or buffer, so
 * that it is copied exactly once, by {@link #writeTo}. Until then the sender must leave that array
 * alone; who keeps a payload beyond the call that it was made for takes {@link #detached()}.
 */
public final class Payload {
  private final byte[] head;
  private final int headLength;
  private final @Nullable MemorySegment body;

  Payload(byte[] head, int headLength, @Nullable MemorySegment body) {
    this.head = head;
    this.headLength = headLength;
    this.body = body;
  }

  Payload(byte[] head) {
    this(head, head.length, null);
  }

  /** Returns the array whose first {@link #headLength()} bytes begin the message; not a copy. */
  public byte[] head() {
    return head;
  }

  /** Returns the number of bytes in use in {@link #head()}. */
  public int headLength() {
    return headLength;
  }

  /** Returns the rest of the message, a view of the sender's own memory; null if there is none. */
  public @Nullable MemorySegment body() {
    return body;
  }

  /** Returns the number of bytes of the whole message; at least 1. */
  public long size() {
    MemorySegment rest = body;
    return rest == null ? headLength : headLength + rest.byteSize();
  }

  /**
   * Copies the whole message.
   *
   * @param target where to, native or heap
   * @param offset the first byte in it to be written; {@link #size()} bytes are
   */
  public void writeTo(MemorySegment target, long offset) {
    MemorySegment.copy(head, 0, target, ValueLayout.JAVA_BYTE, offset, headLength);
    MemorySegment rest = body;
    if (rest != null) {
      MemorySegment.copy(rest, 0, target, offset + headLength, rest.byteSize());
    }
  }

  /**
   * Returns the whole message as an array.
   *
   * @return a copy
   * @throws OutOfMemoryError if it is larger than an array can be
   */
  public byte[] toBytes() {
    long size = size();
    if (size > Integer.MAX_VALUE - 8) {
      throw new OutOfMemoryError("a message of " + size + " bytes does not fit into an array");
    }
    if (body == null) {
      return Arrays.copyOf(head, headLength);
    }
    byte[] bytes = new byte[(int) size];
    writeTo(MemorySegment.ofArray(bytes), 0);
    return bytes;
  }

  /** Returns a payload of the same content that shares no memory with the sender's object. */
  public Payload detached() {
    MemorySegment rest = body;
    if (rest == null) {
      return this;
    }
    if (size() <= Integer.MAX_VALUE - 8) {
      return new Payload(toBytes());
    }
    MemorySegment copy =
        MemorySegment.ofArray(new long[Math.toIntExact((rest.byteSize() + 7) / 8)]);
    copy = copy.asSlice(0, rest.byteSize());
    return new Payload(head, headLength, copy.copyFrom(rest));
  }
}
