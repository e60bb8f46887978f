package multiprocessing.internal.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** How stream sockets come to be connected, and what can be set at them. */
public final class Sockets {
  private static final int SOCK_STREAM_CLOEXEC = 1 | 0x80000;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_REUSEADDR = 2;
  private static final int SO_ERROR = 4;
  private static final int SO_PEERCRED = 17;
  private static final int SO_RCVTIMEO = 20;
  private static final int SO_SNDTIMEO = 21;
  private static final int SO_ACCEPTCONN = 30;
  private static final int IPPROTO_TCP = 6;
  private static final int TCP_NODELAY = 1;
  private static final int F_GETFL = 3;
  private static final int F_SETFL = 4;
  private static final int O_NONBLOCK = 0x800;
  private static final int SHUT_RD = 0;
  private static final int SHUT_WR = 1;
  private static final int NAME_BYTES = 128;
  private static final int UCRED_BYTES = 12;
  private static final int UCRED_UID = 4;

  private Sockets() {}

  /** Makes a stream socket of a family of {@link SocketName}. */
  public static int open(int family) {
    return (int) SystemCall.checked("socket", SystemCall.SOCKET, family, SOCK_STREAM_CLOEXEC, 0);
  }

  /** Gives a socket its address and lets it be connected to; {@link #accept} never waits on it. */
  public static void listen(int socket, SocketName name, int backlog) {
    try (Arena arena = Arena.ofConfined()) {
      if (name.family() != SocketName.UNIX) {
        set(socket, SOL_SOCKET, SO_REUSEADDR, 1);
      }
      MemorySegment address = inMemory(arena, name);
      SystemCall.checked("bind", SystemCall.BIND, socket, address.address(), address.byteSize());
      SystemCall.checked("listen", SystemCall.LISTEN, socket, backlog);
      setBlocking(socket, false);
    }
  }

  /** Takes the next connection, or gives {@link UnixSocket#NOTHING_YET}. */
  public static int accept(int listener) {
    long socket = SystemCall.retrying(SystemCall.ACCEPT4, listener, 0, 0, SOCK_CLOEXEC);
    if (socket == -Errno.EAGAIN) {
      return UnixSocket.NOTHING_YET;
    }
    if (socket < 0) {
      throw new OsException("accept", (int) -socket);
    }
    return (int) socket;
  }

  /**
   * Begins to connect a socket. A TCP socket does not block from now on; a Unix socket waits as
   * long as its time limit allows for a listener that has many callers.
   *
   * @return whether it is connected; if not, a TCP socket is once it is writable and {@link
   *     #requireNoError} agrees, and a Unix socket is to try again
   */
  public static boolean connect(int socket, SocketName name) {
    try (Arena arena = Arena.ofConfined()) {
      if (name.family() != SocketName.UNIX) {
        setBlocking(socket, false);
      }
      MemorySegment address = inMemory(arena, name);
      long result =
          SystemCall.retrying(SystemCall.CONNECT, socket, address.address(), address.byteSize());
      if (result < 0 && result != -Errno.EINPROGRESS && result != -Errno.EAGAIN) {
        throw new OsException("connect", (int) -result);
      }
      return result == 0;
    }
  }

  /** Throws the error that a connection failed by, if it did. */
  public static void requireNoError(int socket) {
    try (Arena arena = Arena.ofConfined()) {
      int error = get(arena, socket, SO_ERROR, Integer.BYTES).get(Native.INT, 0);
      if (error != 0) {
        throw new OsException("connect", error);
      }
    }
  }

  /** The number of the user who is at the other end of a Unix socket. */
  public static int peerUser(int socket) {
    try (Arena arena = Arena.ofConfined()) {
      return get(arena, socket, SO_PEERCRED, UCRED_BYTES).get(Native.INT, UCRED_UID);
    }
  }

  /** Whether connections can be accepted from a socket. */
  public static boolean isListening(int socket) {
    try (Arena arena = Arena.ofConfined()) {
      return get(arena, socket, SO_ACCEPTCONN, Integer.BYTES).get(Native.INT, 0) != 0;
    }
  }

  /** The number of the user this process runs as. */
  public static int ownUser() {
    return (int) SystemCall.call(SystemCall.GETEUID);
  }

  /** Lets no call wait longer than so; it gives {@link UnixSocket#NOTHING_YET} then. */
  public static void setTimeouts(int socket, long millis) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment time = arena.allocate(16, 8);
      time.set(Native.LONG, 0, millis / 1000);
      time.set(Native.LONG, 8, millis % 1000 * 1000);
      set(socket, SOL_SOCKET, SO_RCVTIMEO, time);
      set(socket, SOL_SOCKET, SO_SNDTIMEO, time);
    }
  }

  /** Sends each piece at once, however small. */
  public static void setNoDelay(int socket) {
    set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  }

  public static void setBlocking(int socket, boolean blocking) {
    long flags = SystemCall.checked("fcntl", SystemCall.FCNTL, socket, F_GETFL, 0);
    long wanted = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
    SystemCall.checked("fcntl", SystemCall.FCNTL, socket, F_SETFL, wanted);
  }

  /** Closes one direction of a connection, for all who hold this end. */
  public static void shutdown(int socket, boolean reading) {
    SystemCall.call(SystemCall.SHUTDOWN, socket, reading ? SHUT_RD : SHUT_WR);
  }

  /** The address of this end. */
  public static SocketName localName(int socket) {
    return name(socket, "getsockname", SystemCall.GETSOCKNAME);
  }

  /** The address of the other end. */
  public static SocketName peerName(int socket) {
    return name(socket, "getpeername", SystemCall.GETPEERNAME);
  }

  private static SocketName name(int socket, String what, int call) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(NAME_BYTES, 8);
      MemorySegment length = arena.allocateFrom(Native.INT, NAME_BYTES);
      SystemCall.checked(what, call, socket, address.address(), length.address());
      long used = Math.min(length.get(Native.INT, 0), NAME_BYTES);
      return new SocketName(address.asSlice(0, used).toArray(ValueLayout.JAVA_BYTE));
    }
  }

  private static MemorySegment inMemory(Arena arena, SocketName name) {
    return arena.allocateFrom(ValueLayout.JAVA_BYTE, name.bytes());
  }

  private static MemorySegment get(Arena arena, int socket, int option, int bytes) {
    MemorySegment value = arena.allocate(bytes, 8);
    MemorySegment length = arena.allocateFrom(Native.INT, bytes);
    SystemCall.checked(
        "getsockopt",
        SystemCall.GETSOCKOPT,
        socket,
        SOL_SOCKET,
        option,
        value.address(),
        length.address());
    return value;
  }

  private static void set(int socket, int level, int option, int value) {
    try (Arena arena = Arena.ofConfined()) {
      set(socket, level, option, arena.allocateFrom(Native.INT, value));
    }
  }

  private static void set(int socket, int level, int option, MemorySegment value) {
    SystemCall.checked(
        "setsockopt",
        SystemCall.SETSOCKOPT,
        socket,
        level,
        option,
        value.address(),
        value.byteSize());
  }
}
