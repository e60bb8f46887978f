package multiprocessing.sync;

import java.io.InvalidObjectException;
import java.io.Serial;
import java.io.Serializable;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import multiprocessing.internal.shm.SentBlock;
import multiprocessing.internal.shm.SharedBlock;
import multiprocessing.internal.sync.Flag;

/**
 * A flag between processes that can be waited for. The counterpart of {@code
 * multiprocessing.Event}.
 *
 * <p>It is clear at first. {@link #set()} lets all go on that wait, and all that come later, until
 * {@link #clear()}. Who waits when the flag is set goes on, even if it is cleared again before that
 * thread has come to look.
 *
 * <h2>Sharing</h2>
 *
 * Travels to any process of the tree, at its start or later, in tasks, fields, queues and pipes;
 * every copy is the same event.
 *
 * <h2>Memory effects</h2>
 *
 * What a process did to shared memory before it set the flag is visible to whoever has found it
 * set, by {@link #isSet()} or by waiting.
 *
 * <h2>If a process dies</h2>
 *
 * Nobody owns an event: the flag stays as it is, and a waiter that dies harms nobody. An event
 * cannot know who was to set it; where that one may die, wait with a time limit, or for the end of
 * its process.
 *
 * <h2>Cost</h2>
 *
 * Setting and clearing is one atomic instruction, and a system call if somebody sleeps; looking is
 * one memory access. A waiter spins for 150 microseconds at most if that has paid lately, then
 * sleeps. 128 bytes of shared memory.
 */
public final class ProcessEvent implements Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private final transient SharedBlock block;
  private final transient Flag flag;

  /** Creates an event that is clear. */
  public ProcessEvent() {
    this(SharedBlock.create(Flag.BYTES));
  }

  private ProcessEvent(SharedBlock block) {
    this.block = block;
    this.flag = new Flag(block.segment(), block.offset(), block.processes());
  }

  /** Returns whether the flag is set. */
  public boolean isSet() {
    return flag.isSet();
  }

  /** Sets the flag, and lets all go on that wait for it. Does nothing if it is set. */
  public void set() {
    flag.set();
  }

  /** Clears the flag. */
  public void clear() {
    flag.clear();
  }

  /**
   * Waits until the flag is set; returns at once if it is.
   *
   * @throws InterruptedException if the thread is interrupted, which a waiter notices within 50 ms
   */
  public void await() throws InterruptedException {
    boolean _ = flag.await(Long.MAX_VALUE);
  }

  /**
   * Waits until the flag is set, for so long at most. A time of zero or less does not wait.
   *
   * @param timeout how long
   * @return false if the time ran out
   * @throws InterruptedException if the thread is interrupted, which a waiter notices within 50 ms
   */
  public boolean await(Duration timeout) throws InterruptedException {
    return flag.await(Math.max(0, TimeUnit.NANOSECONDS.convert(timeout)));
  }

  /** Returns what it is and whether it is set. */
  @Override
  public String toString() {
    return "ProcessEvent@" + block + (isSet() ? "[set]" : "[unset]");
  }

  @Serial
  private Object writeReplace() {
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
      return new ProcessEvent(arrive());
    }
  }
}
