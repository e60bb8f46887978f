package multiprocessing.internal.session;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What happens when this process ends, in Python's order: finalizers of priority 0 and up, then the
 * children, then the other finalizers.
 *
 * <p>How the process ends decides how the children do:
 *
 * <ul>
 *   <li><b>the last thread that is no daemon has returned</b>: while children that are no daemons
 *       run, a thread of the library keeps the process alive, so only daemons are left: they are
 *       terminated;
 *   <li><b>{@code System.exit}</b>: all children are terminated, as all threads are;
 *   <li><b>a signal</b> (Ctrl-C): the same, and nobody is waited for longer than a moment.
 * </ul>
 */
public final class ExitOrder {
  private static final long QUICK_MILLIS = 500;

  private static final AtomicBoolean BEGUN = new AtomicBoolean();
  private static volatile @Nullable Children children;
  private static @Nullable Thread hook;

  /** The children of this process, as far as its end concerns them. */
  public interface Children {
    /** Terminates those that are left, and kills those that do not heed it. */
    void end();

    /** Everything is done: whoever waits for the end of a child may know of it. */
    void ended();
  }

  private ExitOrder() {}

  /** Makes sure that the order is run when this process ends. */
  public static synchronized void install() {
    if (hook == null) {
      hook = new Thread(ExitOrder::atShutdown, "multiprocessing-exit");
      Runtime.getRuntime().addShutdownHook(hook);
    }
  }

  private static synchronized void uninstall() {
    try {
      if (hook != null) {
        Runtime.getRuntime().removeShutdownHook(hook);
        hook = null;
      }
    } catch (IllegalStateException e) {
      // hooks are run already: this one will find that there is nothing to do
    }
  }

  public static void setChildren(Children children) {
    ExitOrder.children = children;
  }

  /** The shutdown hooks of this process were taken away: it is a fork. */
  public static synchronized void hooksAreGone() {
    hook = null;
  }

  /** Forgets what a process has done from which this one was forked. */
  public static synchronized void resetForked() {
    children = null;
    BEGUN.set(false);
  }

  /** Runs the order now, since the process is about to end by itself. */
  public static void run() {
    if (!BEGUN.getAndSet(true)) {
      run(false);
      uninstall(); // it would cost the start of a thread
    }
  }

  private static void atShutdown() {
    if (!BEGUN.getAndSet(true)) {
      run(endsBySignal());
    }
  }

  private static void run(boolean quick) {
    Session.get().beginEnding();
    Log.info("process shutting down");
    Log.debug("running all \"atexit\" finalizers with priority >= 0");
    runFinalizers(0, quick);
    Children left = children;
    if (left != null) {
      left.end();
    }
    Log.debug("running the remaining \"atexit\" finalizers");
    runFinalizers(Finalizers.ALL, quick);
    if (left != null) {
      left.ended();
    }
  }

  private static void runFinalizers(int lowestPriority, boolean quick) {
    if (!quick) {
      Finalizers.run(lowestPriority);
      return;
    }
    Thread runner = new Thread(() -> Finalizers.run(lowestPriority), "multiprocessing-finalizers");
    runner.setDaemon(true);
    runner.start();
    try {
      runner.join(QUICK_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether a signal ends this process: the JDK then runs a thread that is named after it. */
  private static boolean endsBySignal() {
    ThreadGroup root = Thread.currentThread().getThreadGroup();
    for (ThreadGroup above = root; above != null; above = root.getParent()) {
      root = above;
    }
    Thread[] threads = new Thread[root.activeCount() + 16];
    int count = root.enumerate(threads);
    for (int i = 0; i < count; i++) {
      String name = threads[i].getName();
      if (name.startsWith("SIG") && name.endsWith(" handler")) {
        return true;
      }
    }
    return false;
  }
}
