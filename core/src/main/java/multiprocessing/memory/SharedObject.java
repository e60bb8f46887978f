package multiprocessing.memory;

import java.io.Serial;
import java.io.Serializable;
import java.lang.foreign.MemorySegment;
import multiprocessing.error.OwnerDiedException;
import multiprocessing.internal.shm.SharedBlock;
import multiprocessing.sync.Hold;
import multiprocessing.sync.ProcessReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What shared values and shared arrays have in common: memory, and a lock if they have one. The
 * counterpart of what {@code multiprocessing.sharedctypes.synchronized} returns.
 *
 * <h2>Sharing</h2>
 *
 * Travels to any process of the tree with its lock, at its start or later, in tasks, fields, queues
 * and pipes; every copy is the same memory and the same lock. It lies in the tree's memory, not in
 * {@code /dev/shm}.
 *
 * <h2>Memory effects</h2>
 *
 * With a lock, each method that reads or writes takes it, so that none comes between the two ends
 * of a {@link #hold}, and sees what was done by those who held the lock before. The lock is
 * reentrant. Without one, see {@link SharedValue} and {@link SharedArray}.
 *
 * <h2>If a process dies</h2>
 *
 * The memory stays as it left it. If it died while it held the lock, whoever takes that afterwards,
 * be it to read, gets an {@link multiprocessing.error.OwnerDiedException}, until somebody takes
 * {@link #lock} and says {@code recover()}. The memory goes when no process refers to it any more.
 *
 * <h2>Cost</h2>
 *
 * The lock costs two atomic instructions for each method; a {@link #hold} around a loop makes what
 * is inside cheaper.
 *
 * @param <S> the type itself
 */
public abstract sealed class SharedObject<S extends SharedObject<S>> implements Serializable
    permits SharedValue, SharedArray {
  @Serial private static final long serialVersionUID = 1L;

  final transient Cells cells;
  final transient MemorySegment memory;
  private final transient @Nullable Hold unlocking;

  /** Where it lies, and the lock it is behind. */
  record Cells(SharedBlock block, long bytes, @Nullable ProcessReentrantLock lock) {
    static Cells create(long count, long unit) {
      if (count < 0 || count > Long.MAX_VALUE / unit) {
        throw new IllegalArgumentException("a shared array of " + count + " elements");
      }
      return new Cells(SharedBlock.create(count * unit), count * unit, null);
    }
  }

  SharedObject(Cells cells) {
    this.cells = cells;
    this.memory = cells.block.segment().asSlice(cells.block.offset(), cells.bytes);
    ProcessReentrantLock lock = cells.lock;
    this.unlocking = lock == null ? null : lock::unlock;
  }

  /** The same class over other cells. */
  abstract S over(Cells cells);

  /**
   * Returns the memory itself, in the byte order of the machine. Whoever uses it takes no lock. It
   * is valid as long as it can be reached.
   */
  public final MemorySegment segment() {
    return memory;
  }

  /** Returns whether it has a lock. */
  public final boolean hasLock() {
    return cells.lock != null;
  }

  /**
   * Returns its lock.
   *
   * @throws IllegalStateException if it has none
   */
  public final ProcessReentrantLock lock() {
    ProcessReentrantLock lock = cells.lock;
    if (lock == null) {
      throw new IllegalStateException(
          "it has no lock: withLock() gives it one, and what Multiprocessing.value and array make"
              + " has one");
    }
    return lock;
  }

  /**
   * Takes its lock, for use in a {@code try} statement, whose end gives it back.
   *
   * @return what unlocks when it is closed
   * @throws IllegalStateException if it has no lock
   * @throws multiprocessing.error.OwnerDiedException if a holder died; the lock is not held then
   */
  public final Hold hold() {
    return lock().hold();
  }

  /** Takes the lock, if there is one, until what is returned is closed. */
  final @Nullable Hold guard() {
    ProcessReentrantLock lock = cells.lock;
    if (lock != null) {
      try {
        lock.lock();
      } catch (OwnerDiedException e) {
        lock.unlock();
        throw e;
      }
    }
    return unlocking;
  }

  /** Returns the same memory behind a new lock; this object stays as it is. */
  public final S withLock() {
    return withLock(new ProcessReentrantLock());
  }

  /**
   * Returns the same memory behind a lock; this object stays as it is.
   *
   * @param lock the lock, which others may use as well
   */
  public final S withLock(ProcessReentrantLock lock) {
    return over(new Cells(cells.block, cells.bytes, lock));
  }

  /** Returns the same memory without a lock: what is done by it waits for nobody. */
  public final S withoutLock() {
    return over(new Cells(cells.block, cells.bytes, null));
  }

  /** Returns a copy in memory of its own, with a lock of its own if this has one. */
  public final S copy() {
    Cells copy = Cells.create(cells.bytes, 1);
    S other = over(copy);
    try (Hold _ = guard()) {
      other.memory.copyFrom(memory);
    }
    return hasLock() ? other.withLock() : other;
  }
}
