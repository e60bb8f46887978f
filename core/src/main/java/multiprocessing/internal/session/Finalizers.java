package multiprocessing.internal.session;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done before this process ends. Higher priorities run first, and among equals those
 * that were added last. A finalizer runs once.
 */
public final class Finalizers {
  /** Runs every finalizer that is left. */
  public static final int ALL = Integer.MIN_VALUE;

  /** The priority of what comes after everything else. */
  public static final int LAST = Integer.MIN_VALUE;

  private static final List<Finalizer> REGISTERED = new ArrayList<>();

  /** A finalizer that was added. */
  public static final class Finalizer {
    private final int priority;
    private final Runnable action;

    private Finalizer(int priority, Runnable action) {
      this.priority = priority;
      this.action = action;
    }

    /** Takes it back; false if it has run, runs, or was taken back before. */
    public boolean cancel() {
      synchronized (REGISTERED) {
        return REGISTERED.remove(this);
      }
    }
  }

  private Finalizers() {}

  /**
   * Adds a finalizer.
   *
   * @param priority from 0 on: before children are ended or waited for; below 0: after it
   */
  public static Finalizer add(int priority, Runnable action) {
    Finalizer finalizer = new Finalizer(priority, action);
    synchronized (REGISTERED) {
      REGISTERED.add(finalizer);
    }
    return finalizer;
  }

  /** Forgets them: they are those of the process of which this one is a fork. */
  public static void forked() {
    synchronized (REGISTERED) {
      REGISTERED.clear();
    }
  }

  /** Runs those of at least a priority, and those that they add; one that fails is reported. */
  public static void run(int lowestPriority) {
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

  private static @Nullable Finalizer takeNext(int lowestPriority) {
    synchronized (REGISTERED) {
      Finalizer best = null;
      for (Finalizer candidate : REGISTERED) {
        boolean due = candidate.priority >= lowestPriority;
        if (due && (best == null || candidate.priority >= best.priority)) {
          best = candidate;
        }
      }
      if (best != null) {
        REGISTERED.remove(best);
      }
      return best;
    }
  }
}
