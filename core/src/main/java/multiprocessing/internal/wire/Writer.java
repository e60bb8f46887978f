package multiprocessing.internal.wire;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Builds a message of numbers, strings and bytes; {@link Reader} takes it apart. */
public final class Writer {
  private byte[] bytes = new byte[128];
  private int length;

  public Writer number(long value) {
    int at = extend(Long.BYTES);
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes[at++] = (byte) (value >>> shift);
    }
    return this;
  }

  public Writer flag(boolean value) {
    return number(value ? 1 : 0);
  }

  public Writer bytes(byte[] value) {
    number(value.length);
    int at = extend(value.length);
    System.arraycopy(value, 0, bytes, at, value.length);
    return this;
  }

  /**
   * Adds bytes that are not in an array of their own.
   *
   * @param length how many
   * @param source writes them
   */
  public Writer bytes(int length, Source source) {
    number(length);
    int at = extend(length);
    source.writeTo(MemorySegment.ofArray(bytes), at);
    return this;
  }

  /** What writes bytes to a place. */
  public interface Source {
    void writeTo(MemorySegment target, long offset);
  }

  public Writer text(String value) {
    return bytes(value.getBytes(StandardCharsets.UTF_8));
  }

  /** Makes room for some more bytes, and gives where it begins. */
  private int extend(int count) {
    int at = length;
    length = Math.addExact(at, count);
    if (length > bytes.length) {
      bytes =
          Arrays.copyOf(bytes, Math.max(length, (int) Math.min(2L * at, Integer.MAX_VALUE - 8)));
    }
    return at;
  }

  public byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }
}
