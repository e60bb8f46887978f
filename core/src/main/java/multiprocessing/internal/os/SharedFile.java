package multiprocessing.internal.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Anonymous memory with a descriptor ({@code memfd}), which any process that holds the descriptor
 * can map. It has no name in any file system and is not bounded by the size of {@code /dev/shm}; it
 * goes when the last descriptor and the last mapping go.
 */
public final class SharedFile {
  private static final int MFD_CLOEXEC = 1;
  private static final int FALLOC_FL_KEEP_SIZE = 1;
  private static final int FALLOC_FL_PUNCH_HOLE = 2;
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_SHARED = 1;

  private SharedFile() {}

  /** Makes an empty file of {@code bytes} bytes; no page of it is taken yet. */
  public static int create(String name, long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      long path = arena.allocateFrom(name).address();
      int fd = (int) SystemCall.checked("memfd_create", SystemCall.MEMFD_CREATE, path, MFD_CLOEXEC);
      try {
        SystemCall.checked("ftruncate to " + bytes + " bytes", SystemCall.FTRUNCATE, fd, bytes);
      } catch (OsException e) {
        close(fd);
        throw e;
      }
      return fd;
    }
  }

  /**
   * Takes the pages of a range now, so that a later write to them cannot fail with SIGBUS.
   *
   * @throws OsException with {@link Errno#ENOSPC} or {@link Errno#ENOMEM} if there is not enough
   *     memory
   */
  public static void reserve(int fd, long offset, long bytes) {
    fallocate(fd, 0, offset, bytes);
  }

  /** Gives the pages of a range back to the system; they read as zero from now on. */
  public static void discard(int fd, long offset, long bytes) {
    fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, bytes);
  }

  private static void fallocate(int fd, int mode, long offset, long bytes) {
    SystemCall.checked(
        "fallocate of " + bytes + " bytes", SystemCall.FALLOCATE, fd, mode, offset, bytes);
  }

  /** Maps the first {@code bytes} bytes, for reading and writing, shared, for ever. */
  @SuppressWarnings("restricted") // the size is the one just mapped
  public static MemorySegment map(int fd, long bytes) {
    long address =
        SystemCall.checked(
            "mmap of " + bytes + " bytes",
            SystemCall.MMAP,
            0,
            bytes,
            PROT_READ_WRITE,
            MAP_SHARED,
            fd,
            0);
    return MemorySegment.ofAddress(address).reinterpret(bytes);
  }

  /**
   * The same memory under a lifetime of its own: that of what uses this segment, which can be told
   * by its {@link MemorySegment#scope}. Nothing happens to the mapping when it ends.
   */
  @SuppressWarnings("restricted") // neither place nor size change
  public static MemorySegment view(MemorySegment mapping) {
    return mapping.reinterpret(Arena.ofAuto(), null);
  }

  /** The same memory for as long as an arena is open; whose end also does something else. */
  @SuppressWarnings("restricted") // neither place nor size change
  public static MemorySegment view(MemorySegment mapping, Arena arena, Runnable atEnd) {
    return mapping.reinterpret(arena, _ -> atEnd.run());
  }

  /** Removes a mapping; its segment must not be touched again. */
  public static void unmap(MemorySegment mapping) {
    SystemCall.checked("munmap", SystemCall.MUNMAP, mapping.address(), mapping.byteSize());
  }

  /** Closes a descriptor. */
  public static void close(int fd) {
    Descriptors.close(fd);
  }
}
