package multiprocessing.internal.session;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done before a process ends. Higher priorities run first, and among equals those
 * that were added last. A finalizer runs once.
 */
public final class Finalizers {
  /** Runs every finalizer that is left. */
  public static final int ALL = Integer.MIN_VALUE;

  /** The priority of what comes after everything else. */
  public static final int LAST = Integer.MIN_VALUE;

  private final List<Finalizer> registered = new ArrayList<>();

  /** A finalizer that was added. */
  public static final class Finalizer {
    private final Finalizers owner;
    private final int priority;
    private final Runnable action;

    private Finalizer(Finalizers owner, int priority, Runnable action) {
      this.owner = owner;
      this.priority = priority;
      this.action = action;
    }

    /** Takes it back; false if it has run, runs, or was taken back before. */
    public boolean cancel() {
      return owner.remove(this);
    }
  }

  Finalizers() {}

  /**
   * Adds a finalizer of the calling process.
   *
   * @param priority from 0 on: before children are ended or waited for; below 0: after it
   */
  public static Finalizer add(int priority, Runnable action) {
    return Session.get().finalizers().register(priority, action);
  }

  /** Adds a finalizer of the process whose memory this is, whoever of its guests calls. */
  public static Finalizer addAtHome(int priority, Runnable action) {
    return Session.home().finalizers().register(priority, action);
  }

  private synchronized Finalizer register(int priority, Runnable action) {
    Finalizer finalizer = new Finalizer(this, priority, action);
    registered.add(finalizer);
    return finalizer;
  }

  private synchronized boolean remove(Finalizer finalizer) {
    return registered.remove(finalizer);
  }

  /**
   * Runs those of the calling process that have at least a priority, and those that they add; one
   * that fails is reported.
   */
  public static void run(int lowestPriority) {
    Session.get().finalizers().runAll(lowestPriority);
  }

  void runAll(int lowestPriority) {
    while (true) {
      Finalizer next = takeNext(lowestPriority);
      if (next == null) {
        return;
      }
      try {
        next.action.run();
      } catch (Throwable thrown) {
        Log.warning("finalizer failed: " + thrown);
      }
    }
  }

  private synchronized @Nullable Finalizer takeNext(int lowestPriority) {
    Finalizer best = null;
    for (Finalizer candidate : registered) {
      boolean due = candidate.priority >= lowestPriority;
      if (due && (best == null || candidate.priority >= best.priority)) {
        best = candidate;
      }
    }
    if (best != null) {
      registered.remove(best);
    }
    return best;
  }
}
