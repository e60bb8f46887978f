package multiprocessing.internal.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Builds a message of numbers, strings and bytes; {@link Reader} takes it apart. */
public final class Writer {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  public Writer number(long value) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes.write((int) (value >>> shift));
    }
    return this;
  }

  public Writer flag(boolean value) {
    return number(value ? 1 : 0);
  }

  public Writer bytes(byte[] value) {
    number(value.length);
    bytes.write(value, 0, value.length);
    return this;
  }

  public Writer text(String value) {
    return bytes(value.getBytes(StandardCharsets.UTF_8));
  }

  public byte[] toBytes() {
    return bytes.toByteArray();
  }
}
