package multiprocessing.internal.session;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What a program wants done before and after each fork of this process, and what the library itself
 * forgets in the child.
 */
public final class ForkHooks {
  private static final List<Runnable> FORGETTING = new CopyOnWriteArrayList<>();
  private static final List<Hook> HOOKS = new ArrayList<>();

  private record Hook(Runnable before, Runnable inParent, Runnable inChild) {}

  private ForkHooks() {}

  /** Adds three actions, in the order in which they become due. */
  public static synchronized void add(Runnable before, Runnable inParent, Runnable inChild) {
    HOOKS.add(new Hook(before, inParent, inChild));
  }

  /**
   * Adds what a class of the library does in a child that is a copy of this process, first of all:
   * it forgets what is not the child's. To be called when that class is initialized, so that a
   * child need not load what its parent has not.
   */
  public static void addForgetting(Runnable action) {
    FORGETTING.add(action);
  }

  /** This process is a copy of another one, and has yet to forget what is not its own. */
  public static void forget() {
    for (Runnable action : FORGETTING) {
      action.run();
    }
  }

  /** A fork is about to happen. */
  public static final class Fork {
    private final List<Hook> done = new ArrayList<>();

    /**
     * Runs what is due before, the last that was added first. If one fails, what the others did is
     * made good as after a fork, and its exception goes to the caller: there must be no fork then.
     */
    public void before() {
      try {
        for (Hook hook : hooks().reversed()) {
          hook.before.run();
          done.addFirst(hook);
        }
      } catch (Throwable t) {
        inParent();
        done.clear();
        throw t;
      }
    }

    /** Runs what is due in the parent, also if the fork failed; what fails is logged. */
    public void inParent() {
      for (Hook hook : done) {
        run(hook.inParent);
      }
    }

    /** Runs what is due in the child; what fails is logged. */
    public void inChild() {
      for (Hook hook : done) {
        run(hook.inChild);
      }
    }

    private static void run(Runnable action) {
      try {
        action.run();
      } catch (Throwable t) {
        Log.warning("fork hook failed: " + t);
      }
    }
  }

  private static synchronized List<Hook> hooks() {
    return List.copyOf(HOOKS);
  }
}
