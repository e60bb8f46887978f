package multiprocessing.internal.shm;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import multiprocessing.error.SharedMemoryExhaustedException;
import multiprocessing.internal.os.CrashPoint;
import multiprocessing.internal.os.Errno;
import multiprocessing.internal.os.MachineMemory;
import multiprocessing.internal.os.NamedMemory;
import multiprocessing.internal.os.OsException;
import multiprocessing.internal.os.SharedFile;
import multiprocessing.internal.session.ExitOrder;
import multiprocessing.internal.session.Finalizers;
import multiprocessing.internal.session.Log;
import org.jspecify.annotations.Nullable;

/**
 * A block of shared memory that has a name of its own, beside the tree's memory, so that programs
 * outside the tree can open it, too.
 *
 * <p>Whoever made it owns it: when that process ends, however it ends, the name goes (see {@link
 * Owners}). It is mapped until it is closed, or until nobody can reach its segment any more.
 */
public final class NamedBlock {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final int AFTER_CHILDREN = -100; // they may use it until they end
  private static final int ATTEMPTS = 100;

  private final String name;
  private final long inode;
  private final MemorySegment segment;
  private final Arena arena;
  private Finalizers.@Nullable Finalizer atExit;
  private boolean closed;

  private NamedBlock(String name, int fd, long bytes) {
    this.name = name;
    this.inode = NamedMemory.inode(fd);
    MemorySegment mapping = SharedFile.map(fd, bytes);
    Unmapping unmapping = new Unmapping(mapping);
    this.arena = Arena.ofShared();
    this.segment = SharedFile.view(mapping, arena, unmapping);
    CLEANER.register(segment.scope(), unmapping);
  }

  /** Must not refer to the arena: it runs when nobody can reach that, or when it is closed. */
  private static final class Unmapping implements Runnable {
    private final MemorySegment mapping;
    private final AtomicBoolean done = new AtomicBoolean();

    Unmapping(MemorySegment mapping) {
      this.mapping = mapping;
    }

    @Override
    public void run() {
      if (!done.getAndSet(true)) {
        SharedFile.unmap(mapping);
      }
    }
  }

  /**
   * Makes a block of zeros, with all its pages.
   *
   * @throws FileAlreadyExistsException if the name is taken
   */
  public static NamedBlock create(String name, long bytes) throws IOException {
    String plain = checked(name);
    int fd = reserve(bytes);
    try {
      return create(plain, fd, bytes);
    } finally {
      SharedFile.close(fd);
    }
  }

  /** Makes a block of zeros, with all its pages and a new name that begins as given. */
  public static NamedBlock createAs(String prefix, long bytes) throws IOException {
    return create(
        () -> prefix + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt()), bytes);
  }

  /** Makes a block of the first of these names that is free. */
  static NamedBlock create(Supplier<String> names, long bytes) throws IOException {
    int fd = reserve(bytes);
    try {
      for (int attempt = 1; ; attempt++) {
        try {
          return create(names.get(), fd, bytes);
        } catch (FileAlreadyExistsException e) {
          if (attempt == ATTEMPTS) {
            throw e;
          }
        }
      }
    } finally {
      SharedFile.close(fd);
    }
  }

  private static NamedBlock create(String name, int fd, long bytes) throws IOException {
    NamedBlock block = new NamedBlock(name, fd, bytes);
    Owners.add(block.inode, name);
    try {
      CrashPoint.at("named.recorded");
      NamedMemory.name(fd, name);
      CrashPoint.at("named.named");
    } catch (OsException e) {
      Owners.remove(block.inode);
      block.close();
      throw translated(name, e);
    }
    ExitOrder.install();
    block.atExit = Finalizers.add(AFTER_CHILDREN, block::removeAtExit);
    return block;
  }

  private static int reserve(long bytes) throws IOException {
    try {
      return reserveOnce(bytes);
    } catch (SharedMemoryExhaustedException e) {
      Owners.sweep();
      return reserveOnce(bytes);
    }
  }

  private static int reserveOnce(long bytes) throws IOException {
    long most = MachineMemory.bytes();
    if (bytes > most) {
      throw new SharedMemoryExhaustedException(
          bytes, most, "ask for less than the memory that this process may use");
    }
    try {
      return NamedMemory.create(bytes);
    } catch (OsException e) {
      if (e.errno() == Errno.ENOSPC || e.errno() == Errno.ENOMEM || e.errno() == Errno.EFBIG) {
        throw new SharedMemoryExhaustedException(
            bytes,
            Files.getFileStore(Path.of(NamedMemory.FOLDER)).getUsableSpace(),
            "enlarge /dev/shm (in Docker: --shm-size), or unlink blocks that nobody uses; shared"
                + " values, arrays and queues have no name and do not lie in /dev/shm");
      }
      throw translated("a block without a name", e);
    }
  }

  /**
   * Maps the block of a name, of whatever program, whole.
   *
   * @throws NoSuchFileException if there is none
   */
  public static NamedBlock attach(String name) throws IOException {
    String plain = checked(name);
    int fd;
    try {
      fd = NamedMemory.open(plain);
    } catch (OsException e) {
      throw translated(plain, e);
    }
    try {
      long bytes = NamedMemory.size(fd);
      if (bytes == 0) {
        throw new FileSystemException(plain, null, "is empty: whoever makes it has not finished");
      }
      return new NamedBlock(plain, fd, bytes);
    } catch (OsException e) {
      throw translated(plain, e);
    } finally {
      SharedFile.close(fd);
    }
  }

  private static String checked(String name) {
    String plain = name.startsWith("/") ? name.substring(1) : name;
    String fault = null;
    if (plain.isEmpty() || plain.equals(".") || plain.equals("..")) {
      fault = "is no name";
    } else if (plain.indexOf('\0') >= 0) {
      fault = "holds a NUL character";
    } else if (plain.indexOf('/') >= 0) {
      fault = "holds a slash that is not its first character";
    } else if (plain.getBytes(StandardCharsets.UTF_8).length > NamedMemory.LONGEST_NAME) {
      fault = "is longer than " + NamedMemory.LONGEST_NAME + " bytes";
    }
    if (fault != null) {
      throw new IllegalArgumentException(
          "the name of shared memory '" + name.replace("\0", "\\0") + "' " + fault);
    }
    return plain;
  }

  private static IOException translated(String name, OsException e) {
    return switch (e.errno()) {
      case Errno.EEXIST ->
          new FileAlreadyExistsException(name, null, "shared memory of this name exists");
      case Errno.ENOENT -> new NoSuchFileException(name, null, "no such shared memory");
      case Errno.EACCES, Errno.EPERM ->
          new AccessDeniedException(name, null, "shared memory of another user");
      default -> new FileSystemException(name, null, e.getMessage());
    };
  }

  public String name() {
    return name;
  }

  /** How long it is, also when it is closed. */
  public long size() {
    return segment.byteSize();
  }

  /**
   * The memory.
   *
   * @throws IllegalStateException if it is closed
   */
  public MemorySegment segment() {
    if (isClosed()) {
      throw new IllegalStateException(
          "shared memory '" + name + "' is closed in this process; attach it again by its name");
    }
    return segment;
  }

  public synchronized boolean isClosed() {
    return closed;
  }

  /**
   * Unmaps it in this process; views of it fail from now on. Does nothing if it is closed.
   *
   * @throws IllegalStateException if native code or input and output use it just now
   */
  public synchronized void close() {
    if (closed) {
      return;
    }
    try {
      arena.close();
    } catch (IllegalStateException e) {
      throw new IllegalStateException(
          "shared memory '" + name + "' is in use by a call that has not returned", e);
    }
    closed = true;
  }

  /**
   * Takes the name away; those who have the block mapped keep it.
   *
   * @throws NoSuchFileException if it has none any more
   */
  public void unlink() throws IOException {
    disown();
    if (NamedMemory.inode(name) != inode) {
      throw new NoSuchFileException(name, null, "no such shared memory: it was unlinked before");
    }
    try {
      NamedMemory.unlink(name);
    } catch (OsException e) {
      throw translated(name, e);
    }
  }

  /** From now on nobody owns it: it stays until somebody unlinks it. */
  public synchronized void disown() {
    if (atExit != null) {
      boolean _ = atExit.cancel();
      atExit = null;
    }
    Owners.remove(inode);
  }

  private void removeAtExit() {
    if (Owners.removeOwn(inode, name)) {
      Log.warning("shared memory '" + name + "' was not unlinked by its owner: removed");
    }
  }
}
