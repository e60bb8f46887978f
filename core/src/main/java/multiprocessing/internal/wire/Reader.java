package multiprocessing.internal.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Takes apart, in the same order, what a {@link Writer} has built. Where that is not what it is
 * given, each method throws {@link IllegalStateException}.
 */
public final class Reader {
  private final byte[] bytes;
  private int at;

  public Reader(byte[] bytes) {
    this.bytes = bytes;
  }

  public long number() {
    if (bytes.length - at < Long.BYTES) {
      throw new IllegalStateException("a message ends too early, after " + bytes.length + " bytes");
    }
    long value = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      value = (value << 8) | (bytes[at++] & 0xff);
    }
    return value;
  }

  public boolean flag() {
    return number() != 0;
  }

  /** How many bytes follow that belong together. */
  private int length() {
    long length = number();
    if (length < 0 || length > bytes.length - at) {
      throw new IllegalStateException(
          "a message claims " + length + " bytes and has " + (bytes.length - at));
    }
    return (int) length;
  }

  public byte[] bytes() {
    int length = length();
    at += length;
    return Arrays.copyOfRange(bytes, at - length, at);
  }

  /** Makes something of the next bytes, in place. */
  public <T extends @Nullable Object> T bytes(Part<T> part) {
    int length = length();
    at += length;
    return part.read(bytes, at - length, length);
  }

  /** What makes something of a part of an array. */
  public interface Part<T extends @Nullable Object> {
    T read(byte[] bytes, int offset, int length);
  }

  public String text() {
    int length = length();
    at += length;
    return new String(bytes, at - length, length, StandardCharsets.UTF_8);
  }
}
