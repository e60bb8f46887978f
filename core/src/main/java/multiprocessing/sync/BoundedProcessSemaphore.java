package multiprocessing.sync;

import java.io.InvalidObjectException;
import java.io.Serial;
import multiprocessing.internal.shm.SentBlock;
import multiprocessing.internal.shm.SharedBlock;

/**
 * A semaphore between processes that never has more permits than it began with. The counterpart of
 * {@code multiprocessing.BoundedSemaphore}.
 *
 * <p>A release too many is a fault of the program, and shows itself at once: {@link #release()}
 * fails with an {@link IllegalStateException}, and changes nothing.
 *
 * <h2>Sharing</h2>
 *
 * As with {@link ProcessSemaphore}.
 *
 * <h2>Memory effects</h2>
 *
 * As with {@link ProcessSemaphore}.
 *
 * <h2>If a process dies</h2>
 *
 * As with {@link ProcessSemaphore}: the permits that it held come back.
 *
 * <h2>Cost</h2>
 *
 * As with {@link ProcessSemaphore}.
 */
public final class BoundedProcessSemaphore extends ProcessSemaphore {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * Creates a semaphore.
   *
   * @param permits how many it has at first, and at most
   * @throws IllegalArgumentException if that is negative
   */
  public BoundedProcessSemaphore(int permits) {
    super(permits, permits);
  }

  private BoundedProcessSemaphore(SharedBlock block) {
    super(block);
  }

  @Override
  String name() {
    return "BoundedProcessSemaphore";
  }

  @Serial
  @Override
  Object writeReplace() {
    return new Sent(block());
  }

  /** What travels. */
  private static final class Sent extends SentBlock {
    @Serial private static final long serialVersionUID = 1L;

    Sent(SharedBlock block) {
      super(block);
    }

    @Serial
    private Object readResolve() throws InvalidObjectException {
      return new BoundedProcessSemaphore(arrive());
    }
  }
}
