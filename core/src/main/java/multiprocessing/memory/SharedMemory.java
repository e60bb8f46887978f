package multiprocessing.memory;

import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.Serial;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import multiprocessing.internal.shm.NamedBlock;

/**
 * A block of memory with a name, which any program can open. The counterpart of {@code
 * multiprocessing.shared_memory.SharedMemory}, and the same thing: a block made here opens in
 * CPython by its name, and the other way round.
 *
 * {@snippet :
 * try (SharedMemory memory = SharedMemory.create(1_000_000)) {
 *   memory.segment().set(ValueLayout.JAVA_INT, 0, 42);
 *   child.start(); // a child that has captured it, or attaches to memory.name()
 *   child.join();
 *   memory.unlink();
 * }
 * }
 *
 * <p>Names are those of {@code shm_open}: {@code "frames"} is the file {@code /dev/shm/frames}. A
 * slash at the beginning is left out. Nobody but the user who made it can open it (mode 0600).
 *
 * <h2>Sharing</h2>
 *
 * Travels by its name: whoever gets it attaches to the block anew, and fails with an {@link
 * InvalidObjectException} that has a {@link NoSuchFileException} as its cause if it was unlinked
 * meanwhile. Programs outside the tree attach by the name, too.
 *
 * <h2>Memory effects</h2>
 *
 * None of its own: it is plain memory. Order accesses by locks, queues or the access modes of a
 * {@link java.lang.invoke.VarHandle}.
 *
 * <h2>If a process dies</h2>
 *
 * The process that creates a block owns it. When that ends without having unlinked it, the block is
 * unlinked at its exit; if it was killed, by its parent at once, or else by the next program of
 * this library that starts. {@link #disown} lets a block stay. A process that only attached never
 * takes a block away, unless it calls {@link #unlink}. The memory itself stays until the last
 * process that has mapped it is gone or has closed it.
 *
 * <p>CPython before 3.13 removes a block at its exit even if it only attached to it; from 3.13 on
 * {@code track=False} keeps it from that, and before {@code resource_tracker.unregister(shm._name,
 * "shared_memory")} after attaching.
 *
 * <h2>Cost</h2>
 *
 * All pages are taken when it is made, some 0.3 ms for a mebibyte: where {@code /dev/shm} is too
 * small, that is an exception then, not a crash at a later write. Closing waits for all threads of
 * the process to come to a point where they use no segment.
 */
public final class SharedMemory implements AutoCloseable, Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private static final String PREFIX = "psm_"; // as CPython names those that are given no name

  private final transient NamedBlock block;

  private SharedMemory(NamedBlock block) {
    this.block = block;
  }

  /**
   * Makes a block with a new name.
   *
   * @param bytes how long it is; all zeros
   * @return the block, which this process owns
   * @throws IllegalArgumentException if {@code bytes} is less than 1
   * @throws multiprocessing.error.SharedMemoryExhaustedException if there is no room for it
   * @throws UncheckedIOException if {@code /dev/shm} cannot be used
   */
  public static SharedMemory create(long bytes) {
    return createAs(PREFIX, bytes);
  }

  static SharedMemory createAs(String prefix, long bytes) {
    try {
      return new SharedMemory(NamedBlock.createAs(prefix, checked(bytes)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Makes a block.
   *
   * @param name its name
   * @param bytes how long it is; all zeros
   * @return the block, which this process owns
   * @throws FileAlreadyExistsException if there is one of that name
   * @throws IOException if {@code /dev/shm} cannot be used
   * @throws IllegalArgumentException if {@code bytes} is less than 1, or the name is empty, longer
   *     than 255 bytes, or holds a NUL or a slash
   * @throws multiprocessing.error.SharedMemoryExhaustedException if there is no room for it
   */
  public static SharedMemory create(String name, long bytes) throws IOException {
    return new SharedMemory(NamedBlock.create(name, checked(bytes)));
  }

  private static long checked(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("shared memory of " + bytes + " bytes; 1 or more, please");
    }
    return bytes;
  }

  /**
   * Opens a block, of whatever program.
   *
   * @param name its name
   * @return the block, whole
   * @throws NoSuchFileException if there is none of that name
   * @throws java.nio.file.AccessDeniedException if it is another user's
   * @throws IOException if it cannot be opened for another reason
   * @throws IllegalArgumentException if that cannot be a name
   */
  public static SharedMemory attach(String name) throws IOException {
    return new SharedMemory(NamedBlock.attach(name));
  }

  /** Returns its name, without a slash. */
  public String name() {
    return block.name();
  }

  /** Returns how many bytes it has. */
  public long size() {
    return block.size();
  }

  /**
   * Returns the memory. Segments and buffers over it are valid until {@link #close}; whoever uses
   * them afterwards gets an {@link IllegalStateException}.
   *
   * @throws IllegalStateException if it is closed
   */
  public MemorySegment segment() {
    return block.segment();
  }

  /**
   * Returns the memory as a buffer, in the byte order of the machine.
   *
   * @throws IllegalStateException if it is closed
   * @throws UnsupportedOperationException if it is longer than a buffer can be, 2 GiB less one
   *     byte: use {@link #segment}
   */
  public ByteBuffer buffer() {
    return segment().asByteBuffer().order(ByteOrder.nativeOrder());
  }

  /** Returns whether it is closed in this process. */
  public boolean isClosed() {
    return block.isClosed();
  }

  /**
   * Unmaps it in this process. The block and its name stay. Does nothing if it is closed already.
   *
   * @throws IllegalStateException if a system call or native code of another thread uses it just
   *     now
   */
  @Override
  public void close() {
    block.close();
  }

  /**
   * Takes the name away: nobody can attach from now on. Whoever has it mapped keeps it. Once for
   * all processes.
   *
   * @throws NoSuchFileException if it was unlinked before
   * @throws IOException if it cannot be unlinked for another reason
   */
  public void unlink() throws IOException {
    block.unlink();
  }

  /**
   * Lets the block outlive its owner: it stays until somebody unlinks it, or the machine is started
   * anew.
   */
  public void disown() {
    block.disown();
  }

  /** Returns its name and size, as CPython writes them. */
  @Override
  public String toString() {
    return "SharedMemory('" + name() + "', size=" + size() + ")";
  }

  @Serial
  private Object writeReplace() {
    return new Sent(name());
  }

  /** What travels. */
  private static final class Sent implements Serializable {
    @Serial private static final long serialVersionUID = 1L;

    private final String name;

    Sent(String name) {
      this.name = name;
    }

    @Serial
    private Object readResolve() throws InvalidObjectException {
      try {
        return attach(name);
      } catch (IOException e) {
        InvalidObjectException gone =
            new InvalidObjectException(
                "shared memory '" + name + "' cannot be attached: " + e.getMessage());
        gone.initCause(e);
        throw gone;
      }
    }
  }
}
