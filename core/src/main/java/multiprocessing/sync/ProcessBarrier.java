package multiprocessing.sync;

import java.io.InvalidObjectException;
import java.io.Serial;
import java.io.Serializable;
import java.time.Duration;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.TimeUnit;
import multiprocessing.internal.shm.SentBlock;
import multiprocessing.internal.shm.SharedBlock;
import multiprocessing.internal.sync.Turnstile;
import org.jspecify.annotations.Nullable;

/**
 * A place where threads of several processes wait until all of them are there. The counterpart of
 * {@code multiprocessing.Barrier}.
 *
 * <p>When the last party has come, it runs the action, if there is one, and then all go on; the
 * barrier is ready for the next round at once. If one of them cannot be waited for (its time runs
 * out, it is interrupted, it dies, its action fails) the barrier breaks: all who wait, and all who
 * come, get a {@link BrokenBarrierException}, until somebody says {@link #reset()}.
 *
 * <p>
 *
 * {@snippet :
 * ProcessBarrier barrier = Multiprocessing.barrier(4);
 * // in each of four processes
 * for (Step step : steps) {
 *   step.compute();
 *   barrier.await();
 * }
 * }
 *
 * <h2>Sharing</h2>
 *
 * Travels to any process of the tree together with its action, at its start or later, in tasks,
 * fields, queues and pipes; every copy is the same barrier.
 *
 * <h2>Memory effects</h2>
 *
 * What each party did to shared memory before it came is visible to the action, and that and what
 * the action did to all who go on.
 *
 * <h2>If a process dies</h2>
 *
 * A party that dies while it waits, or while it runs the action, breaks the barrier within a tenth
 * of a second; the exception of the others names it. A barrier does not know who its parties are
 * before they come, so one that dies on its way is for its parent to tell, at once:
 *
 * {@snippet :
 * child.onExit().thenAccept(code -> {
 *   if (code != 0) {
 *     barrier.abort();
 *   }
 * });
 * }
 *
 * <p>or for a time limit to find out.
 *
 * <h2>Cost</h2>
 *
 * Some ten memory accesses under a lock in shared memory, and some for each party; one system call
 * wakes all who sleep. A waiter spins for 150 microseconds at most if that has paid lately, then
 * sleeps. About 1 KiB of shared memory; 16 bytes more for each party beyond 32.
 */
public final class ProcessBarrier implements Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private final transient SharedBlock block;
  private final transient Turnstile turnstile;
  private final transient @Nullable Runnable action;
  private final transient @Nullable Duration timeout;

  /**
   * Creates a barrier.
   *
   * @param parties how many have to wait before all go on
   * @throws IllegalArgumentException if that is less than 1, or more than 32,768
   */
  public ProcessBarrier(int parties) {
    this(parties, null, null);
  }

  /**
   * Creates a barrier.
   *
   * @param parties how many have to wait before all go on
   * @param action what the last one of them runs first, such as a {@link
   *     multiprocessing.process.SerializableRunnable}; it is sent along with the barrier, so it
   *     must be able to travel if the barrier is to. Null for nothing
   * @param timeout how long each of them waits where it does not say so itself; null for ever
   * @throws IllegalArgumentException if there are less than 1 or more than 32,768 parties
   */
  public ProcessBarrier(int parties, @Nullable Runnable action, @Nullable Duration timeout) {
    this(newBlock(parties), action, timeout);
    turnstile.format(parties);
  }

  private ProcessBarrier(SharedBlock block, @Nullable Runnable action, @Nullable Duration timeout) {
    this.block = block;
    this.turnstile =
        new Turnstile(block.segment(), block.offset(), block.processes(), new Growth(block));
    this.action = action;
    this.timeout = timeout;
  }

  private static SharedBlock newBlock(int parties) {
    if (parties < 1 || parties > Turnstile.MOST) {
      throw new IllegalArgumentException(
          "a barrier for " + parties + " parties; 1 to " + Turnstile.MOST + ", please");
    }
    return SharedBlock.create(Turnstile.BYTES);
  }

  /**
   * Waits until all parties wait; for the time that was given when the barrier was made, if any
   * was.
   *
   * @return how many had still to come: parties - 1 for the first, 0 for the last
   * @throws BrokenBarrierException if the barrier is broken, or breaks meanwhile
   * @throws InterruptedException if the thread is interrupted, which a waiter notices within 50 ms;
   *     that breaks the barrier
   */
  public int await() throws InterruptedException, BrokenBarrierException {
    return await(timeout == null ? Long.MAX_VALUE : nanos(timeout));
  }

  /**
   * Waits until all parties wait, for so long at most. If the time runs out the barrier breaks, for
   * all parties. A time of zero or less breaks it unless this is the last party.
   *
   * @param timeout how long
   * @return how many had still to come: parties - 1 for the first, 0 for the last
   * @throws BrokenBarrierException if the barrier is broken, or breaks meanwhile, or the time ran
   *     out
   * @throws InterruptedException if the thread is interrupted, which a waiter notices within 50 ms;
   *     that breaks the barrier
   */
  public int await(Duration timeout) throws InterruptedException, BrokenBarrierException {
    return await(nanos(timeout));
  }

  private static long nanos(Duration timeout) {
    return Math.max(0, TimeUnit.NANOSECONDS.convert(timeout));
  }

  private int await(long nanos) throws InterruptedException, BrokenBarrierException {
    int missing = turnstile.await(action, nanos);
    if (missing == Turnstile.BROKEN) {
      int pid = turnstile.deadPid();
      throw new BrokenBarrierException(
          "the barrier is broken: "
              + (pid == 0
                  ? "a party gave up, or somebody aborted or reset it"
                  : "process " + pid + " died while it waited")
              + "; reset() makes it work again");
    }
    return missing;
  }

  /**
   * Makes the barrier as new. Those who wait just now get a {@link BrokenBarrierException}; see to
   * it that nobody comes who still means the round before.
   */
  public void reset() {
    turnstile.reset();
  }

  /** Breaks the barrier: those who wait and those who come get a {@link BrokenBarrierException}. */
  public void abort() {
    turnstile.abort();
  }

  /** Returns whether the barrier is broken. */
  public boolean isBroken() {
    return turnstile.isBroken();
  }

  /** Returns how many have to wait before all go on. */
  public int parties() {
    return turnstile.parties();
  }

  /** Returns how many wait just now. */
  public int numberWaiting() {
    return turnstile.waiting();
  }

  /** Returns what it is, and how many wait. */
  @Override
  public String toString() {
    return "ProcessBarrier@"
        + block
        + "["
        + numberWaiting()
        + " of "
        + parties()
        + (isBroken() ? " wait, broken]" : " wait]");
  }

  @Serial
  private Object writeReplace() {
    return new Sent(block, action, timeout);
  }

  /** What travels. */
  @SuppressWarnings("serial") // who sends an action that cannot travel is told so
  private static final class Sent extends SentBlock {
    @Serial private static final long serialVersionUID = 1L;

    private final @Nullable Runnable action;
    private final @Nullable Duration timeout;

    Sent(SharedBlock block, @Nullable Runnable action, @Nullable Duration timeout) {
      super(block);
      this.action = action;
      this.timeout = timeout;
    }

    @Serial
    private Object readResolve() throws InvalidObjectException {
      return new ProcessBarrier(arrive(), action, timeout);
    }
  }
}
