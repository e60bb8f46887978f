package multiprocessing.memory;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import multiprocessing.error.ProcessException;
import org.jspecify.annotations.Nullable;

/**
 * Makes blocks of shared memory and unlinks them all at its end. The counterpart of {@code
 * multiprocessing.managers.SharedMemoryManager}.
 *
 * {@snippet :
 * try (SharedMemoryManager blocks = new SharedMemoryManager()) {
 *   SharedMemory input = blocks.sharedMemory(size);
 *   ShareableList totals = blocks.shareableList(0, 0, 0);
 *   // children use them
 * }
 * }
 *
 * <p>Unlike in Python it has no process of its own and need not be started: it is ready when it is
 * made, and its blocks belong to the process that made it.
 *
 * <h2>Sharing</h2>
 *
 * It stays where it is; its blocks travel.
 *
 * <h2>Memory effects</h2>
 *
 * None.
 *
 * <h2>If a process dies</h2>
 *
 * As with every {@link SharedMemory}: when the process of the manager ends, even by {@code kill
 * -9}, its blocks are unlinked, by its parent at once or by the next program of this library.
 *
 * <h2>Cost</h2>
 *
 * That of its blocks.
 */
public final class SharedMemoryManager implements AutoCloseable {
  private final List<SharedMemory> blocks = new ArrayList<>();
  private boolean closed;

  /** Creates a manager without blocks. */
  public SharedMemoryManager() {}

  /**
   * Makes a block with a new name.
   *
   * @param bytes how long it is; all zeros
   * @return the block, which is unlinked when this manager is closed
   * @throws IllegalArgumentException if {@code bytes} is less than 1
   * @throws IllegalStateException if this manager is closed
   * @throws multiprocessing.error.SharedMemoryExhaustedException if there is no room for it
   */
  public synchronized SharedMemory sharedMemory(long bytes) {
    requireOpen();
    SharedMemory block = SharedMemory.create(bytes);
    blocks.add(block);
    return block;
  }

  /**
   * Makes a list with a new name.
   *
   * @param items what it holds
   * @return the list, which is unlinked when this manager is closed
   * @throws IllegalArgumentException if an item is of a type that it cannot hold
   * @throws IllegalStateException if this manager is closed
   * @throws multiprocessing.error.SharedMemoryExhaustedException if there is no room for it
   */
  public synchronized ShareableList shareableList(@Nullable Object... items) {
    requireOpen();
    ShareableList list = ShareableList.of(items);
    blocks.add(list.memory());
    return list;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the manager of shared memory is closed");
    }
  }

  /**
   * Closes and unlinks all its blocks. One that somebody else has unlinked is left out. Does
   * nothing if it is closed already.
   *
   * @throws ProcessException if a block could not be unlinked; all others are
   */
  @Override
  public synchronized void close() {
    closed = true;
    ProcessException failed = null;
    for (SharedMemory block : blocks) {
      try {
        block.unlink();
        block.close();
      } catch (NoSuchFileException e) {
        block.close();
      } catch (IOException | IllegalStateException e) {
        if (failed == null) {
          failed = new ProcessException(block + " is left behind", e);
        } else {
          failed.addSuppressed(e);
        }
      }
    }
    blocks.clear();
    if (failed != null) {
      throw failed;
    }
  }

  /** Returns how many blocks it has. */
  @Override
  public synchronized String toString() {
    return "SharedMemoryManager[" + (closed ? "closed" : blocks.size() + " blocks") + "]";
  }
}
