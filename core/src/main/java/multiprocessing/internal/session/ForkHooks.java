package multiprocessing.internal.session;

import java.util.ArrayList;
import java.util.List;

/** What a program wants done before and after each fork of this process. */
public final class ForkHooks {
  private static final List<Hook> HOOKS = new ArrayList<>();

  private record Hook(Runnable before, Runnable inParent, Runnable inChild) {}

  private ForkHooks() {}

  /** Adds three actions, in the order in which they become due. */
  public static synchronized void add(Runnable before, Runnable inParent, Runnable inChild) {
    HOOKS.add(new Hook(before, inParent, inChild));
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
