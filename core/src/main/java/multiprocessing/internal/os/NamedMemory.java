package multiprocessing.internal.os;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Memory with a name: files in {@code /dev/shm}, where {@code shm_open} puts them and other
 * programs look for them.
 *
 * <p>Names are UTF-8 whatever the locale, as CPython has them.
 */
public final class NamedMemory {
  /** The folder of the names. */
  public static final String FOLDER = "/dev/shm/";

  /** The most bytes that a name may have. */
  public static final int LONGEST_NAME = 255;

  private static final int AT_FDCWD = -100;
  private static final int AT_SYMLINK_FOLLOW = 0x400;
  private static final int O_RDWR = 2;
  private static final int O_CLOEXEC = 0x80000;
  private static final int O_PATH = 0x200000;
  private static final boolean ARM = System.getProperty("os.arch", "").equals("aarch64");
  private static final int O_DIRECTORY = ARM ? 0x4000 : 0x10000;
  private static final int O_NOFOLLOW = ARM ? 0x8000 : 0x20000;
  private static final int O_TMPFILE = 0x400000 | O_DIRECTORY;
  private static final int OWNER_ONLY = 0600;

  private NamedMemory() {}

  /** Makes a file of this many zeros that has no name yet, and takes its pages. */
  public static int create(long bytes) {
    int fd = open("make shared memory in " + FOLDER, FOLDER, O_TMPFILE | O_RDWR | O_CLOEXEC);
    try {
      SharedFile.reserve(fd, 0, bytes);
    } catch (OsException e) {
      Descriptors.close(fd);
      throw e;
    }
    return fd;
  }

  /**
   * Gives a file its name.
   *
   * @throws OsException with {@link Errno#EEXIST} if the name is taken
   */
  public static void name(int fd, String name) {
    try (Arena arena = Arena.ofConfined()) {
      SystemCall.checked(
          "make " + FOLDER + name,
          SystemCall.LINKAT,
          AT_FDCWD,
          text(arena, "/proc/self/fd/" + fd),
          AT_FDCWD,
          text(arena, FOLDER + name),
          AT_SYMLINK_FOLLOW);
    }
  }

  /** Opens the file of a name, for reading and writing. */
  public static int open(String name) {
    return open("open " + FOLDER + name, FOLDER + name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  }

  private static int open(String what, String path, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      return (int)
          SystemCall.checked(
              what, SystemCall.OPENAT, AT_FDCWD, text(arena, path), flags, OWNER_ONLY);
    }
  }

  /** Takes a name away; the memory stays for those who have mapped it. */
  public static void unlink(String name) {
    try (Arena arena = Arena.ofConfined()) {
      SystemCall.checked(
          "remove " + FOLDER + name, SystemCall.UNLINKAT, AT_FDCWD, text(arena, FOLDER + name), 0);
    }
  }

  /** The number of the file that has a name; 0 if none has. */
  public static long inode(String name) {
    int fd;
    try {
      fd = open("look for " + FOLDER + name, FOLDER + name, O_PATH | O_CLOEXEC | O_NOFOLLOW);
    } catch (OsException e) {
      return 0;
    }
    try {
      return inode(fd);
    } finally {
      Descriptors.close(fd);
    }
  }

  /** The number of an open file, which no other file of its file system has. */
  public static long inode(int fd) {
    try {
      return (long) Files.getAttribute(path(fd), "unix:ino");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The size of an open file in bytes. */
  public static long size(int fd) {
    try {
      return Files.size(path(fd));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path path(int fd) {
    return Path.of("/proc/self/fd/" + fd);
  }

  private static long text(Arena arena, String string) {
    return arena.allocateFrom(string, StandardCharsets.UTF_8).address();
  }
}
