package multiprocessing.internal.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Takes apart, in the same order, what a {@link Writer} has built. */
public final class Reader {
  private final byte[] bytes;
  private int at;

  public Reader(byte[] bytes) {
    this.bytes = bytes;
  }

  public long number() {
    long value = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      value = (value << 8) | (bytes[at++] & 0xff);
    }
    return value;
  }

  public boolean flag() {
    return number() != 0;
  }

  public byte[] bytes() {
    int length = Math.toIntExact(number());
    at += length;
    return Arrays.copyOfRange(bytes, at - length, at);
  }

  public String text() {
    int length = Math.toIntExact(number());
    at += length;
    return new String(bytes, at - length, length, StandardCharsets.UTF_8);
  }
}
