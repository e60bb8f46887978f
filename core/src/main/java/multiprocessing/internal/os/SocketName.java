package multiprocessing.internal.os;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The address of a socket as the kernel has it.
 *
 * @param bytes the {@code struct sockaddr}, exactly as long as it is
 */
public record SocketName(byte[] bytes) {
  public static final int UNIX = 1;
  public static final int INET = 2;
  public static final int INET6 = 10;

  /** The most bytes of a path, and of an abstract name. */
  public static final int LONGEST_PATH = 107;

  private static final int FAMILY_BYTES = 2;
  private static final int INET_BYTES = 16;
  private static final int INET6_BYTES = 28;
  private static final int INET_HOST_AT = 4;
  private static final int INET6_HOST_AT = 8;
  private static final int SCOPE_AT = 24;

  /** The address of a Unix socket that has a place in the file system. */
  public static SocketName ofPath(byte[] path) {
    return unix(path, 0, path.length + 1);
  }

  /** The address of a Unix socket in the abstract name space. */
  public static SocketName ofAbstract(byte[] name) {
    return unix(name, 1, name.length + 1);
  }

  private static SocketName unix(byte[] name, int at, int length) {
    if (name.length == 0 || name.length > LONGEST_PATH) {
      throw new IllegalArgumentException(
          "the address of a Unix socket has 1 to "
              + LONGEST_PATH
              + " bytes, not "
              + name.length
              + ": "
              + new String(name, StandardCharsets.UTF_8));
    }
    byte[] bytes = new byte[FAMILY_BYTES + length];
    ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).putShort((short) UNIX);
    System.arraycopy(name, 0, bytes, FAMILY_BYTES + at, name.length);
    return new SocketName(bytes);
  }

  /**
   * The address of a TCP socket.
   *
   * @param host the 4 bytes of an IPv4, or the 16 of an IPv6 address
   * @param scope the number of the interface of a link-local IPv6 address, else 0
   */
  public static SocketName ofInet(byte[] host, int port, int scope) {
    boolean six = host.length > Integer.BYTES;
    byte[] bytes = new byte[six ? INET6_BYTES : INET_BYTES];
    ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    out.putShort((short) (six ? INET6 : INET));
    out.order(ByteOrder.BIG_ENDIAN).putShort((short) port);
    out.put(six ? INET6_HOST_AT : INET_HOST_AT, host);
    if (six) {
      out.order(ByteOrder.nativeOrder()).putInt(SCOPE_AT, scope);
    }
    return new SocketName(bytes);
  }

  /** {@link #UNIX}, {@link #INET} or {@link #INET6}. */
  public int family() {
    return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getShort();
  }

  public int port() {
    return ByteBuffer.wrap(bytes).getShort(FAMILY_BYTES) & 0xffff;
  }

  /** The bytes of an IP address. */
  public byte[] host() {
    int at = family() == INET6 ? INET6_HOST_AT : INET_HOST_AT;
    return Arrays.copyOfRange(bytes, at, family() == INET6 ? SCOPE_AT : at + Integer.BYTES);
  }

  public int scope() {
    return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getInt(SCOPE_AT);
  }

  /** Whether this is a Unix socket's, and it has no name. */
  public boolean isUnnamed() {
    return bytes.length <= FAMILY_BYTES;
  }

  public boolean isAbstract() {
    return bytes.length > FAMILY_BYTES && bytes[FAMILY_BYTES] == 0;
  }

  /** The path of a Unix socket, or its abstract name. */
  public byte[] name() {
    int start = FAMILY_BYTES + (isAbstract() ? 1 : 0);
    int end = bytes.length;
    while (!isAbstract() && end > start && bytes[end - 1] == 0) {
      end--;
    }
    return Arrays.copyOfRange(bytes, Math.min(start, end), end);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SocketName that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }
}
