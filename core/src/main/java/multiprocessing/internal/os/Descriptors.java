package multiprocessing.internal.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** File descriptors that are not sockets: memory files, event counters, and waiting for many. */
public final class Descriptors {
  public static final int STDOUT = 1;
  public static final int STDERR = 2;

  private static final int MFD_CLOEXEC = 1;
  private static final int EFD_CLOEXEC_NONBLOCK = 0x80000 | 0x800;
  private static final int O_CLOEXEC = 0x80000;
  private static final int AT_FDCWD = -100;
  private static final int F_GETFD = 1;
  private static final int F_DUPFD_CLOEXEC = 1030;

  /** For {@link #await(int[], short[], long)}: something can be read, or the end was reached. */
  public static final short READABLE = 1;

  /** For {@link #await(int[], short[], long)}: something can be written. */
  public static final short WRITABLE = 4;

  private static final int POLLFD_BYTES = 8;
  private static final int POLLFD_EVENTS = 4;
  private static final int POLLFD_REVENTS = 6;

  /**
   * A class of its own: a child that has not rung yet is spared some 10 ms for the first segment.
   */
  private static final class Bell {
    /** What is written to an event counter. */
    static final MemorySegment ONE = Arena.global().allocateFrom(Native.LONG, 1L);

    /** Where its count is read to, which nobody looks at. */
    static final MemorySegment RINGS = Arena.global().allocate(Native.LONG);
  }

  private Descriptors() {}

  public static void close(int fd) {
    SystemCall.call(SystemCall.CLOSE, fd); // Linux frees the number even where it reports an error
  }

  public static boolean isOpen(int fd) {
    return SystemCall.call(SystemCall.FCNTL, fd, F_GETFD) >= 0;
  }

  /** Duplicates a descriptor to the lowest free number that is at least {@code minimum}. */
  public static int duplicate(int fd, int minimum) {
    return (int)
        SystemCall.checked(
            "duplicate descriptor " + fd, SystemCall.FCNTL, fd, F_DUPFD_CLOEXEC, minimum);
  }

  /** Gives a descriptor another number, whose former meaning is lost. */
  public static void move(int fd, int number) {
    if (fd != number) {
      SystemCall.checked("move descriptor " + fd, SystemCall.DUP3, fd, number, 0);
      close(fd);
    }
  }

  /**
   * Opens a file for writing, and makes it if there is none.
   *
   * @param append whether what is in it stays
   */
  public static int openForWriting(String path, boolean append) {
    try (Arena arena = Arena.ofConfined()) {
      int flags = Spawner.writing(append) | O_CLOEXEC;
      return (int)
          SystemCall.checked(
              "open " + path,
              SystemCall.OPENAT,
              AT_FDCWD,
              Spawner.text(arena, path),
              flags,
              Spawner.MODE);
    }
  }

  /** Opens a file for reading. */
  public static int openForReading(String path) {
    try (Arena arena = Arena.ofConfined()) {
      return (int)
          SystemCall.checked(
              "open " + path, SystemCall.OPENAT, AT_FDCWD, Spawner.text(arena, path), O_CLOEXEC, 0);
    }
  }

  /**
   * Reads what is there, at most as much as there is room for.
   *
   * @param target native memory, not empty
   * @return how many bytes came, 0 at the end, or {@link UnixSocket#NOTHING_YET}
   */
  public static long read(int fd, MemorySegment target) {
    return transfer("read", SystemCall.READ, fd, target);
  }

  /**
   * Writes some of the bytes.
   *
   * @param source native memory, not empty
   * @return how many bytes went, or {@link UnixSocket#NOTHING_YET}
   */
  public static long write(int fd, MemorySegment source) {
    return transfer("write", SystemCall.WRITE, fd, source);
  }

  private static long transfer(String what, int call, int fd, MemorySegment bytes) {
    long count = SystemCall.retrying(call, fd, bytes.address(), bytes.byteSize());
    if (count < 0 && count != -Errno.EAGAIN) {
      throw new OsException(what, (int) -count);
    }
    return count < 0 ? UnixSocket.NOTHING_YET : count;
  }

  /** Makes an anonymous file in memory that holds the bytes given. */
  public static int memoryFile(String name, byte[] content) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment path = arena.allocateFrom(name);
      int fd =
          (int)
              SystemCall.checked(
                  "memfd_create", SystemCall.MEMFD_CREATE, path.address(), MFD_CLOEXEC);
      MemorySegment bytes = arena.allocate(Math.max(1, content.length));
      MemorySegment.copy(content, 0, bytes, ValueLayout.JAVA_BYTE, 0, content.length);
      try {
        writeAll(fd, bytes, content.length);
      } catch (OsException e) {
        close(fd);
        throw e;
      }
      return fd;
    }
  }

  private static void writeAll(int fd, MemorySegment bytes, long length) {
    long done = 0;
    while (done < length) {
      done +=
          SystemCall.checked(
              "write to a memory file",
              SystemCall.WRITE,
              fd,
              bytes.address() + done,
              length - done);
    }
  }

  /** Makes an event counter: a descriptor that becomes readable when it is rung. */
  public static int bell() {
    return (int) SystemCall.checked("eventfd", SystemCall.EVENTFD2, 0, EFD_CLOEXEC_NONBLOCK);
  }

  /** Makes an event counter readable. */
  public static void ring(int bell) {
    SystemCall.retrying(SystemCall.WRITE, bell, Bell.ONE.address(), Long.BYTES);
  }

  /** Makes an event counter unreadable again. */
  public static void hush(int bell) {
    SystemCall.retrying(SystemCall.READ, bell, Bell.RINGS.address(), Long.BYTES);
  }

  /**
   * Sleeps until one of the descriptors is readable, at its end, or broken.
   *
   * @param timeoutMillis how long at most; negative means for ever
   * @return for each descriptor whether it is ready; all false if the time ran out
   */
  public static boolean[] await(int[] fds, long timeoutMillis) {
    short[] events = new short[fds.length];
    Arrays.fill(events, READABLE);
    return await(fds, events, timeoutMillis);
  }

  /**
   * Sleeps until one of the descriptors is ready for what is asked of it, at its end, or broken.
   *
   * @param events for each descriptor {@link #READABLE} or {@link #WRITABLE}
   * @param timeoutMillis how long at most; negative means for ever
   * @return for each descriptor whether it is ready; all false if the time ran out
   */
  public static boolean[] await(int[] fds, short[] events, long timeoutMillis) {
    boolean isShort = HelperLibrary.IS_LINKED && fds.length <= HelperCalls.MOST_POLLED;
    return isShort
        ? awaitByHelper(fds, events, timeoutMillis)
        : awaitByCall(fds, events, timeoutMillis);
  }

  private static boolean[] awaitByHelper(int[] fds, short[] events, long timeoutMillis) {
    short[] seen = events.clone();
    int result = HelperCalls.poll(fds, seen, timeoutMillis);
    if (result < 0) {
      throw new OsException("poll", -result);
    }
    boolean[] ready = new boolean[fds.length];
    for (int i = 0; i < fds.length; i++) {
      ready[i] = seen[i] != 0;
    }
    return ready;
  }

  private static boolean[] awaitByCall(int[] fds, short[] events, long timeoutMillis) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment set = arena.allocate(Math.max(1, fds.length) * (long) POLLFD_BYTES, 8);
      for (int i = 0; i < fds.length; i++) {
        set.set(Native.INT, (long) i * POLLFD_BYTES, fds[i]);
        set.set(ValueLayout.JAVA_SHORT, (long) i * POLLFD_BYTES + POLLFD_EVENTS, events[i]);
      }
      MemorySegment limit = MemorySegment.NULL;
      if (timeoutMillis >= 0) {
        limit = arena.allocate(16, 8);
        limit.set(Native.LONG, 0, timeoutMillis / 1000);
        limit.set(Native.LONG, 8, timeoutMillis % 1000 * 1_000_000);
      }
      // The kernel writes the time left into the limit, so a retry does not start it again.
      SystemCall.checked(
          "poll", SystemCall.PPOLL, set.address(), fds.length, limit.address(), 0, 0);
      boolean[] ready = new boolean[fds.length];
      for (int i = 0; i < fds.length; i++) {
        ready[i] = set.get(ValueLayout.JAVA_SHORT, (long) i * POLLFD_BYTES + POLLFD_REVENTS) != 0;
      }
      return ready;
    }
  }
}
