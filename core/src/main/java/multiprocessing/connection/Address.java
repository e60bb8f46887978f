package multiprocessing.connection;

import java.io.Serial;
import java.io.Serializable;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import multiprocessing.internal.os.SocketName;
import org.jspecify.annotations.Nullable;

/**
 * Where a {@link Listener} listens. The counterpart of the addresses of {@code
 * multiprocessing.connection}.
 *
 * <table>
 * <caption>The kinds</caption>
 * <tr><th>here</th><th>as text</th><th>in Python</th></tr>
 * <tr><td>{@link #unix}</td><td>{@code /run/app/socket}</td><td>{@code '/run/app/socket'}</td></tr>
 * <tr><td>{@link #abstractUnix}</td><td>{@code @name}</td><td>{@code '\0name'}</td></tr>
 * <tr><td>{@link #tcp}</td><td>{@code localhost:5000}</td><td>{@code ('localhost', 5000)}</td></tr>
 * </table>
 *
 * <h2>Sharing</h2>
 *
 * A value; travels as such.
 *
 * <h2>Memory effects</h2>
 *
 * Immutable.
 *
 * <h2>If a process dies</h2>
 *
 * The kernel frees abstract names and ports. A socket file of a process that was killed stays and
 * is in the way of the next listener there, until somebody deletes it.
 *
 * <h2>Cost</h2>
 *
 * None. A host's name is looked up when it is connected to or listened at.
 */
public final class Address implements Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private static final int LARGEST_PORT = 65_535;
  private static final String PIPE = "\\\\";

  private final @Nullable String path;
  private final @Nullable String name;
  private final String host;
  private final int port;

  private Address(@Nullable String path, @Nullable String name, String host, int port) {
    this.path = path;
    this.name = name;
    this.host = host;
    this.port = port;
  }

  /**
   * Returns the address of a Unix socket in the file system.
   *
   * @param path where; at most 107 bytes
   * @return the address
   * @throws IllegalArgumentException if the path is too long or empty
   */
  public static Address unix(Path path) {
    Address address = new Address(path.toString(), null, "", 0);
    SocketName _ = SocketName.ofPath(bytes(path.toString()));
    return address;
  }

  /**
   * Returns the address of a Unix socket that has a name but no file: it goes with its process. Any
   * user of the machine can connect to it, so give an auth key to both ends.
   *
   * @param name any text, 1 to 107 bytes in UTF-8
   * @return the address
   * @throws IllegalArgumentException if the name is too long or empty
   */
  public static Address abstractUnix(String name) {
    SocketName _ = SocketName.ofAbstract(bytes(name));
    return new Address(null, name, "", 0);
  }

  /**
   * Returns the address of a TCP socket.
   *
   * @param host a name or an IP address; to listen for all that reach this machine, {@code 0.0.0.0}
   *     or {@code ::}
   * @param port the port; to listen, 0 for any that is free
   * @return the address
   * @throws IllegalArgumentException if there is no such port
   */
  public static Address tcp(String host, int port) {
    if (port < 0 || port > LARGEST_PORT) {
      throw new IllegalArgumentException("a port is a number from 0 to 65535, not " + port);
    }
    return new Address(null, null, Objects.requireNonNull(host), port);
  }

  /**
   * Returns the same address as one of the JDK's.
   *
   * @param address an internet or a Unix socket address
   * @return the address
   * @throws IllegalArgumentException if it is of another kind
   */
  public static Address of(SocketAddress address) {
    return switch (address) {
      case InetSocketAddress inet -> tcp(inet.getHostString(), inet.getPort());
      case UnixDomainSocketAddress unix -> unix(unix.getPath());
      default ->
          throw new IllegalArgumentException("neither an internet nor a Unix address: " + address);
    };
  }

  /**
   * Reads an address as {@link #toString} writes it.
   *
   * @param text a path (it has a slash), {@code @} and an abstract name, or a host, a colon and a
   *     port
   * @return the address
   * @throws IllegalArgumentException if it is none of these, for instance a named pipe of Windows
   */
  public static Address parse(String text) {
    if (text.startsWith(PIPE)) {
      throw new IllegalArgumentException(
          "named pipes are a matter of Windows, and do not work on this system: " + text);
    }
    if (text.startsWith("@")) {
      return abstractUnix(text.substring(1));
    }
    if (text.contains("/")) {
      return unix(Path.of(text));
    }
    int colon = text.lastIndexOf(':');
    try {
      if (colon > 0) {
        String host = text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        return tcp(
            bracketed ? host.substring(1, host.length() - 1) : host,
            Integer.parseInt(text.substring(colon + 1)));
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new IllegalArgumentException(
        "not an address: \"" + text + "\"; write /path/of/socket, @abstract-name or host:port");
  }

  /** Returns an address that nobody uses, of a kind that leaves nothing behind. */
  static Address arbitrary() {
    return abstractUnix("multiprocessing-" + UUID.randomUUID());
  }

  /** Returns whether this is the address of a TCP socket. */
  public boolean isTcp() {
    return path == null && name == null;
  }

  /** Returns the host of a TCP address; empty for others. */
  public String host() {
    return host;
  }

  /** Returns the port of a TCP address; 0 for others. */
  public int port() {
    return port;
  }

  /** Returns the file of a Unix socket; null for others. */
  public @Nullable Path path() {
    return path == null ? null : Path.of(path);
  }

  /** What the kernel may know it by, the likeliest first. */
  List<SocketName> toNames() throws UnknownHostException {
    if (path != null) {
      return List.of(SocketName.ofPath(bytes(path)));
    }
    if (name != null) {
      return List.of(SocketName.ofAbstract(bytes(name)));
    }
    List<SocketName> names = new ArrayList<>();
    for (InetAddress address : InetAddress.getAllByName(host)) {
      int scope = address instanceof Inet6Address six ? six.getScopeId() : 0;
      names.add(SocketName.ofInet(address.getAddress(), port, scope));
    }
    return names;
  }

  /** The address that the kernel tells; null for a Unix socket without one. */
  static @Nullable Address ofName(SocketName name) {
    if (name.family() != SocketName.UNIX) {
      try {
        return tcp(InetAddress.getByAddress(name.host()).getHostAddress(), name.port());
      } catch (UnknownHostException e) {
        throw new IllegalStateException(e); // the kernel's addresses have 4 or 16 bytes
      }
    }
    if (name.isUnnamed()) {
      return null;
    }
    String text = new String(name.name(), StandardCharsets.UTF_8);
    return name.isAbstract() ? new Address(null, text, "", 0) : new Address(text, null, "", 0);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Address that
        && Objects.equals(path, that.path)
        && Objects.equals(name, that.name)
        && host.equals(that.host)
        && port == that.port;
  }

  @Override
  public int hashCode() {
    return Objects.hash(path, name, host, port);
  }

  /** Returns the address as {@link #parse} reads it. */
  @Override
  public String toString() {
    if (path != null) {
      return path.contains("/") ? path : "./" + path;
    }
    if (name != null) {
      return "@" + name;
    }
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
