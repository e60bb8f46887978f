package multiprocessing.internal.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

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
  private static final short POLLIN = 1;
  private static final int POLLFD_BYTES = 8;
  private static final int POLLFD_EVENTS = 4;
  private static final int POLLFD_REVENTS = 6;

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
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment one = arena.allocateFrom(Native.LONG, 1L);
      SystemCall.retrying(SystemCall.WRITE, bell, one.address(), Long.BYTES);
    }
  }

  /** Makes an event counter unreadable again. */
  public static void hush(int bell) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment count = arena.allocate(Native.LONG);
      SystemCall.retrying(SystemCall.READ, bell, count.address(), Long.BYTES);
    }
  }

  /**
   * Sleeps until one of the descriptors is readable, at its end, or broken.
   *
   * @param timeoutMillis how long at most; negative means for ever
   * @return for each descriptor whether it is ready; all false if the time ran out
   */
  public static boolean[] await(int[] fds, long timeoutMillis) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment set = arena.allocate(Math.max(1, fds.length) * (long) POLLFD_BYTES, 8);
      for (int i = 0; i < fds.length; i++) {
        set.set(Native.INT, (long) i * POLLFD_BYTES, fds[i]);
        set.set(ValueLayout.JAVA_SHORT, (long) i * POLLFD_BYTES + POLLFD_EVENTS, POLLIN);
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
