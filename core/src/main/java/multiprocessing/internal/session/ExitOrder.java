package multiprocessing.internal.session;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What happens when a process ends, in Python's order: finalizers of priority 0 and up, then the
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
 *
 * <p>A {@link multiprocessing.internal.os.Guest} ends its daemons and waits for its other children
 * itself; one that was killed ends them all.
 */
public final class ExitOrder {
  private static final long QUICK_MILLIS = 500;
  private static final long TERMINATE_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

  private static volatile @Nullable Children children;
  private static volatile @Nullable String signal;
  private static @Nullable Thread hook;

  /** The children of this process, as far as its end concerns them. */
  public interface Children {
    /** Terminates those that are daemons, and waits for the others. */
    void leave() throws InterruptedException;

    /** Terminates those that are left, and kills those that do not heed it. */
    void end();

    /** Everything is done: whoever waits for the end of a child may know of it. */
    void ended();
  }

  /** No lambda: it is on the way of each start. */
  private static final class Hook extends Thread {
    Hook() {
      // It is the process's own, also if a guest comes to need it first.
      super(null, null, "multiprocessing-exit", 0, false);
    }

    @Override
    public void run() {
      atShutdown();
    }
  }

  private ExitOrder() {}

  /** Makes sure that the order is run when this process ends. */
  public static synchronized void install() {
    if (hook == null) {
      hook = new Hook();
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
  }

  /** Runs the order now, since the process is about to end by itself. */
  public static void run() {
    Session session = Session.home();
    if (session.beginLeaving()) {
      announce();
      session.finalizers().runAll(0);
      leave(session);
    }
    if (session.beginEnding()) {
      end(session, false);
      uninstall(); // it would cost the start of a thread
    }
  }

  /** Until all are gone, this process goes on as before: it may hear of their ends. */
  private static void leave(Session session) {
    Children left = children;
    try {
      if (left != null) {
        left.leave();
      }
    } catch (InterruptedException e) {
      return; // somebody wants this process to end now
    }
    endDaemons(session.kin());
    awaitKin(session);
  }

  private static void atShutdown() {
    Session session = Session.home();
    String ends = signalThatEnds();
    boolean quick = ends != null;
    signal = ends;
    if (session.beginLeaving()) {
      announce();
      runFinalizers(session, 0, quick);
    }
    if (session.beginEnding()) {
      end(session, quick);
    }
  }

  private static void end(Session session, boolean quick) {
    Children left = children;
    if (left != null) {
      left.end();
    }
    endKin(session.kin(), TERMINATE_NANOS);
    Log.debug("running the remaining \"atexit\" finalizers");
    runFinalizers(session, Finalizers.ALL, quick);
    if (left != null) {
      left.ended();
    }
  }

  /**
   * Runs the order of a guest, in its thread.
   *
   * @param isKilled whether its children end with it
   */
  public static void runGuest(boolean isKilled) {
    Session session = Session.get();
    boolean _ = session.beginEnding();
    announce();
    session.finalizers().runAll(0);
    if (isKilled) {
      session.kin().forEach(Kin::kill);
    } else {
      endDaemons(session.kin());
    }
    awaitKin(session);
    Log.debug("running the remaining \"atexit\" finalizers");
    session.finalizers().runAll(Finalizers.ALL);
  }

  private static void announce() {
    Log.info("process shutting down");
    Log.debug("running all \"atexit\" finalizers with priority >= 0");
  }

  private static void endDaemons(List<Kin> kin) {
    for (Kin child : kin) {
      if (child.isDaemon()) {
        Log.info("calling terminate() for daemon " + child.name());
        child.terminate();
      }
    }
  }

  private static void awaitKin(Session session) {
    for (Kin child : session.kin()) {
      Log.info("calling join() for process " + child.name());
      try {
        child.join(Long.MAX_VALUE);
      } catch (InterruptedException e) {
        session.kin().forEach(Kin::kill); // it was killed meanwhile
      }
    }
  }

  /** Ends them all, and waits for it as long as the time goes. */
  private static void endKin(List<Kin> kin, long nanos) {
    for (Kin child : kin) {
      if (child.isDaemon()) {
        Log.info("calling terminate() for daemon " + child.name());
      }
      child.terminate();
    }
    long deadline = System.nanoTime() + nanos;
    try {
      for (Kin child : kin) {
        child.join(deadline - System.nanoTime());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void runFinalizers(Session session, int lowestPriority, boolean quick) {
    if (!quick) {
      session.finalizers().runAll(lowestPriority);
      return;
    }
    Thread runner =
        new Thread(() -> session.finalizers().runAll(lowestPriority), "multiprocessing-finalizers");
    runner.setDaemon(true);
    runner.start();
    try {
      runner.join(QUICK_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The name of the signal that ends this process, such as {@code SIGINT}; null if none does. */
  public static @Nullable String signal() {
    return signal;
  }

  /** The signal that ends this process: the JDK then runs a thread that is named after it. */
  private static @Nullable String signalThatEnds() {
    ThreadGroup root = Thread.currentThread().getThreadGroup();
    for (ThreadGroup above = root; above != null; above = root.getParent()) {
      root = above;
    }
    Thread[] threads = new Thread[root.activeCount() + 16];
    int count = root.enumerate(threads);
    for (int i = 0; i < count; i++) {
      String name = threads[i].getName();
      if (name.startsWith("SIG") && name.endsWith(" handler")) {
        return name.substring(0, name.indexOf(' '));
      }
    }
    return null;
  }
}
