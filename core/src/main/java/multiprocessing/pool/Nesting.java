package multiprocessing.pool;

import java.io.Serial;
import java.io.Serializable;
import java.util.concurrent.atomic.AtomicInteger;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.session.SessionLocal;
import multiprocessing.internal.shm.TreeMemory;

/** How deep a pool is below that of the main process, and what bounds the pools of a tree. */
final class Nesting implements Serializable {
  @Serial private static final long serialVersionUID = 1L;

  static final int USUAL_DEPTH = 4;

  private static final SessionLocal<Nesting> HERE =
      new SessionLocal<>(() -> new Nesting(0, Integer.MAX_VALUE, Integer.MAX_VALUE));

  private final int depth;
  private final int maxDepth;
  private final int maxProcesses;

  /**
   * A place in the tree.
   *
   * @param depth 0 for a pool of a process that is no worker
   * @param maxDepth the first depth that is too deep
   * @param maxProcesses the most processes that the tree may have with this pool's workers
   */
  private Nesting(int depth, int maxDepth, int maxProcesses) {
    this.depth = depth;
    this.maxDepth = maxDepth;
    this.maxProcesses = maxProcesses;
  }

  /** What binds the pools that this process makes. */
  static Nesting here() {
    return HERE.get();
  }

  /** For a pool of this process that has bounds of its own; the tighter ones count. */
  Nesting within(int depthBound, int processBound) {
    return new Nesting(depth, Math.min(maxDepth, depthBound), Math.min(maxProcesses, processBound));
  }

  /** This process becomes a worker of the pool. */
  void enter() {
    HERE.set(new Nesting(depth + 1, maxDepth, maxProcesses));
    Session.get().permitChildren();
  }

  /**
   * Checks that a pool may be, with so many workers.
   *
   * @throws IllegalStateException if it may not
   */
  void check(int workers) {
    if (depth >= maxDepth) {
      throw new IllegalStateException(
          "a pool in a task of a pool, "
              + (depth + 1)
              + " deep: at most "
              + maxDepth
              + " are allowed; see maxDepth of the builder");
    }
    if (!mayHave(workers)) {
      throw new IllegalStateException(
          workers
              + " more processes would be more than the "
              + maxProcesses
              + " that this tree of processes may have; see maxProcesses of the builder");
    }
  }

  /** Whether the tree may have so many more processes. */
  boolean mayHave(int more) {
    if (maxProcesses == Integer.MAX_VALUE) {
      return true;
    }
    AtomicInteger alive = new AtomicInteger();
    TreeMemory.get().processes().forEach(_ -> alive.incrementAndGet());
    return alive.get() + more <= maxProcesses;
  }
}
