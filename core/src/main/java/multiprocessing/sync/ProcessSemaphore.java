package multiprocessing.sync;

import java.io.InvalidObjectException;
import java.io.Serial;
import java.io.Serializable;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import multiprocessing.internal.shm.SharedBlock;
import multiprocessing.internal.sync.Permits;

/**
 * A counting semaphore between processes. The counterpart of {@code multiprocessing.Semaphore}.
 *
 * <p>It has permits; {@link #acquire} takes one and waits while there is none, {@link #release}
 * gives one back. Any process may release, also one that acquired nothing: then the number of
 * permits grows. It is not fair.
 *
 * <h2>Sharing</h2>
 *
 * Travels to any process of the tree, at its start or later; every copy is the same semaphore.
 *
 * <h2>Memory effects</h2>
 *
 * What a process did to shared memory before it released is visible to whoever acquires that
 * permit.
 *
 * <h2>If a process dies</h2>
 *
 * The permits that a process took and did not give back come back within a tenth of a second of
 * somebody's waiting. That holds for a semaphore that guards a resource, where those who take are
 * those who give back. Where a process releases what it never acquired, the semaphore is used to
 * signal; from then on nothing is given back for the dead, since a permit that was taken was meant
 * to be used up.
 *
 * <h2>Cost</h2>
 *
 * Without contention some ten memory accesses under a lock in shared memory, and no system call. A
 * waiter spins for 150 microseconds at most if that has paid lately, then sleeps. About 1 KiB of
 * shared memory. Up to 120 processes may hold permits at a time before it is treated as one used to
 * signal.
 */
public final class ProcessSemaphore implements Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private final transient SharedBlock block;
  private final transient Permits permits;

  /**
   * Creates a semaphore.
   *
   * @param permits how many it has at first
   * @throws IllegalArgumentException if that is negative
   */
  public ProcessSemaphore(int permits) {
    this(SharedBlock.create(Permits.BYTES));
    if (permits < 0) {
      throw new IllegalArgumentException(
          "a semaphore of " + permits + " permits; 0 or more, please");
    }
    this.permits.format(permits, -1);
  }

  private ProcessSemaphore(SharedBlock block) {
    this.block = block;
    this.permits = new Permits(block.segment(), block.offset(), block.processes());
  }

  /**
   * Takes a permit; waits as long as it takes.
   *
   * @throws InterruptedException if the thread is interrupted, which a waiter notices within 50 ms
   */
  public void acquire() throws InterruptedException {
    permits.acquire(Long.MAX_VALUE);
  }

  /**
   * Takes a permit if one is free.
   *
   * @return whether it was
   */
  public boolean tryAcquire() {
    return permits.tryAcquire();
  }

  /**
   * Takes a permit; waits for so long at most. A time of zero or less does not wait.
   *
   * @param timeout how long
   * @return false if the time ran out
   * @throws InterruptedException if the thread is interrupted, which a waiter notices within 50 ms
   */
  public boolean tryAcquire(Duration timeout) throws InterruptedException {
    return permits.acquire(Math.max(0, TimeUnit.NANOSECONDS.convert(timeout)));
  }

  /** Gives a permit back. */
  public void release() {
    release(1);
  }

  /**
   * Gives permits back.
   *
   * @param count how many
   * @throws IllegalArgumentException if that is less than 1
   * @throws IllegalStateException if there would be more than {@link Integer#MAX_VALUE} permits;
   *     none is given back then
   */
  public void release(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("release of " + count + " permits; 1 or more, please");
    }
    if (!permits.release(count)) {
      throw new IllegalStateException(
          "release of " + count + " permits beyond the most there can be, " + Integer.MAX_VALUE);
    }
  }

  /** Returns how many permits are free just now. */
  public int availablePermits() {
    return permits.available();
  }

  /** Returns what it is and how many permits are free. */
  @Override
  public String toString() {
    return "ProcessSemaphore@" + block + "[permits = " + availablePermits() + "]";
  }

  @Serial
  private Object writeReplace() {
    return new Sent(block.export());
  }

  /** What travels. */
  private record Sent(SharedBlock.Handle handle) implements Serializable {
    @Serial
    private Object readResolve() throws InvalidObjectException {
      return new ProcessSemaphore(handle.attach());
    }
  }
}
