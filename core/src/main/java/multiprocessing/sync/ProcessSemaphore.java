package multiprocessing.sync;

import java.io.InvalidObjectException;
import java.io.Serial;
import java.io.Serializable;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import multiprocessing.internal.shm.SentBlock;
import multiprocessing.internal.shm.SharedBlock;
import multiprocessing.internal.sync.Permits;

/**
 * A counting semaphore between processes. The counterpart of {@code multiprocessing.Semaphore}.
 *
 * <p>It has permits; {@link #acquire} takes one and waits while there is none, {@link #release}
 * gives one back. Any process may release, also one that acquired nothing: then the number of
 * permits grows; a {@link BoundedProcessSemaphore} does not allow that. It is not fair.
 *
 * <p>
 *
 * {@snippet :
 * try (Hold _ = semaphore.hold()) {
 *   // as many at a time as the semaphore has permits
 * }
 * }
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
 * Without contention one atomic instruction to take a permit and one to give it back, and no system
 * call; where several are out and change hands, some ten memory accesses under a lock in shared
 * memory. A waiter spins for 150 microseconds at most if that has paid lately, then sleeps. About 1
 * KiB of shared memory. Up to 120 processes may hold permits at a time before it is treated as one
 * used to signal.
 */
public sealed class ProcessSemaphore implements Serializable permits BoundedProcessSemaphore {
  @Serial private static final long serialVersionUID = 1L;

  private static final int NO_BOUND = -1;

  private final transient SharedBlock block;
  private final transient Permits permits;

  /**
   * Creates a semaphore.
   *
   * @param permits how many it has at first
   * @throws IllegalArgumentException if that is negative
   */
  public ProcessSemaphore(int permits) {
    this(permits, NO_BOUND);
  }

  ProcessSemaphore(int permits, int bound) {
    this(newBlock(permits));
    this.permits.format(permits, bound);
  }

  private static SharedBlock newBlock(int permits) {
    if (permits < 0) {
      throw new IllegalArgumentException(
          "a semaphore of " + permits + " permits; 0 or more, please");
    }
    return SharedBlock.create(Permits.BYTES);
  }

  ProcessSemaphore(SharedBlock block) {
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

  /** Takes a permit; waits as long as it takes. An interrupt is kept for later. */
  public void acquireUninterruptibly() {
    boolean interrupted = false;
    while (true) {
      try {
        acquire();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
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
   * @throws IllegalStateException if there would be more than {@link Integer#MAX_VALUE} permits, or
   *     more than a {@link BoundedProcessSemaphore} began with; none is given back then
   */
  public void release(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("release of " + count + " permits; 1 or more, please");
    }
    if (!permits.release(count)) {
      throw new IllegalStateException(
          "release of " + count + " permits beyond the most there can be, " + permits.bound());
    }
  }

  /** Takes all permits that are free just now; returns how many. */
  public int drainPermits() {
    return permits.drain();
  }

  /**
   * Takes a permit, waiting for it, for use in a {@code try} statement, whose end gives it back.
   *
   * @return what gives it back when it is closed
   * @throws InterruptedException if the thread is interrupted, which a waiter notices within 50 ms
   */
  public Hold hold() throws InterruptedException {
    acquire();
    return new Once(this::release);
  }

  /** Returns how many permits are free just now. */
  public int availablePermits() {
    return permits.available();
  }

  /** Returns what it is and how many permits are free. */
  @Override
  public String toString() {
    return name() + "@" + block + "[permits = " + availablePermits() + "]";
  }

  String name() {
    return "ProcessSemaphore";
  }

  SharedBlock block() {
    return block;
  }

  @Serial
  Object writeReplace() {
    return new Sent(block);
  }

  /** What travels. */
  private static final class Sent extends SentBlock {
    @Serial private static final long serialVersionUID = 1L;

    Sent(SharedBlock block) {
      super(block);
    }

    @Serial
    private Object readResolve() throws InvalidObjectException {
      return new ProcessSemaphore(arrive());
    }
  }
}
