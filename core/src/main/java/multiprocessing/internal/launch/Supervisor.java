package multiprocessing.internal.launch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.Guest;
import multiprocessing.internal.os.OsException;
import multiprocessing.internal.os.PidFd;
import multiprocessing.internal.os.ProcessControl;
import multiprocessing.internal.session.ExitOrder;
import multiprocessing.internal.session.ForkHooks;
import multiprocessing.internal.session.Log;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.shm.TreeMemory;
import multiprocessing.internal.wire.FrameSocket;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that starts all children of this process and waits for all of them.
 *
 * <p>It must be one thread that lives as long as the process does: a child asks the kernel to be
 * killed when the thread that started it ends. It sleeps in {@code poll} on the pidfds of all
 * children and on a bell that is rung for each new child, so no exit is missed and nothing is
 * polled for.
 */
final class Supervisor implements ExitOrder.Children {
  private static final long TERMINATE_MILLIS = 300;
  private static final long KILL_MILLIS = 700;
  private static final long ANNOUNCE_MILLIS = 300;
  private static final long STUMBLE_NANOS = 10_000_000;

  private static @Nullable Supervisor instance;

  static {
    ForkHooks.addForgetting(Supervisor::forked);
  }

  private final int bell = Descriptors.bell();
  private final Queue<Runnable> births = new ArrayDeque<>();
  private final List<Child> running = new ArrayList<>();
  private final List<Child> unannounced = new ArrayList<>();
  private volatile @Nullable Thread joiner;
  private volatile boolean over;

  private Supervisor() {}

  static synchronized Supervisor get() {
    Supervisor supervisor = instance;
    if (supervisor == null) {
      supervisor = new Supervisor();
      ownThread("multiprocessing-supervisor", supervisor::supervise).start();
      ExitOrder.setChildren(supervisor);
      ExitOrder.install();
      ProcessControl.resetSignal(ProcessControl.SIGCHLD); // if ignored, exit codes would be lost
      instance = supervisor;
    }
    return supervisor;
  }

  /** A daemon thread of this process itself, also where a guest comes to need it first. */
  private static Thread ownThread(String name, Runnable work) {
    return Thread.ofPlatform()
        .group(Guest.outerGroup())
        .name(name)
        .daemon()
        .inheritInheritableThreadLocals(false)
        .unstarted(work);
  }

  /** The supervisor of this process; null if it never started a child. */
  static synchronized @Nullable Supervisor existing() {
    return instance;
  }

  /** This process is a fork of the one whose children are supervised: it has none yet. */
  private static void forked() {
    Supervisor parents = instance;
    instance = null;
    if (parents != null) {
      Descriptors.close(parents.bell);
      for (Child child : parents.running) {
        child.closeForked();
      }
    }
  }

  /**
   * Runs the birth of a child in the one thread that may have children, and gives the pid. The
   * child is the caller's to {@link #adopt}.
   *
   * @throws multiprocessing.internal.os.OsException if the system refuses
   */
  long bear(LongSupplier birth) {
    CompletableFuture<Long> born = new CompletableFuture<>();
    synchronized (this) {
      requireRunning();
      births.add(
          () -> {
            try {
              born.complete(birth.getAsLong());
            } catch (Throwable t) {
              born.completeExceptionally(t);
            }
          });
    }
    Descriptors.ring(bell);
    try {
      return born.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /**
   * Watches over a child from now on. Only this object collects children, so until then the pid is
   * the child's own, even if it has ended.
   *
   * @param control this process's end of the socket on which the child greets, if it does; the
   *     caller's if this fails
   * @throws multiprocessing.internal.os.OsException if the system refuses; then the child is gone
   */
  Child adopt(long pid, LaunchRequest request, @Nullable FrameSocket control) {
    int pidfd;
    try {
      pidfd = PidFd.open(pid);
    } catch (OsException e) {
      abandon(pid);
      throw e;
    }
    request.letTaskGo();
    Child child = new Child(pid, pidfd, control, request);
    synchronized (this) {
      add(child);
      if (isEnding(child.owner())) { // it was not among those that are ended
        child.kill();
      }
    }
    Descriptors.ring(bell);
    return child;
  }

  /** Ends and collects a child that nobody watches over, with what it has of the tree's memory. */
  static void abandon(long pid) {
    PidFd.abandon(pid);
    TreeMemory.get().processDied(pid);
  }

  /** Throws unless children may be started. */
  void requireRunning() {
    if (isEnding(Session.get())) {
      throw new IllegalStateException("no child can be started: this process is shutting down");
    }
  }

  private static boolean isEnding(Session owner) {
    return owner.isEnding() || Session.home().isEnding();
  }

  private synchronized void add(Child child) {
    running.add(child);
    if (child.owner().isGuest() && !child.isHidden()) {
      child.owner().addKin(child);
    }
    if (joiner == null && keepsProcessAlive()) {
      // Not a daemon: the virtual machine goes on for as long as such children do.
      Thread thread = ownThread("multiprocessing-joiner", this::joinChildren);
      thread.setDaemon(false);
      thread.start();
      joiner = thread;
    }
  }

  private synchronized boolean keepsProcessAlive() {
    for (Child child : running) {
      if (!child.isDaemon() && !child.isHidden()) {
        return true;
      }
    }
    return false;
  }

  private synchronized void joinChildren() {
    try {
      while (keepsProcessAlive() && !Session.get().isEnding()) {
        wait();
      }
    } catch (InterruptedException e) {
      // somebody wants this thread to end, and then the process may end
    } finally {
      joiner = null;
    }
  }

  private void supervise() {
    while (!over) {
      try {
        superviseOnce();
      } catch (Throwable t) {
        Log.warning("the supervisor of child processes stumbled: " + t);
        LockSupport.parkNanos(STUMBLE_NANOS); // it may stumble again
      }
    }
  }

  private void superviseOnce() {
    List<Child> watched;
    synchronized (this) {
      watched = List.copyOf(running);
    }
    int[] fds = new int[watched.size() + 1];
    fds[0] = bell;
    for (int i = 1; i < fds.length; i++) {
      fds[i] = watched.get(i - 1).pidfd();
    }
    boolean[] ready = Descriptors.await(fds, -1);
    for (int i = 1; i < fds.length; i++) {
      if (ready[i] && watched.get(i - 1).reap()) {
        bury(watched.get(i - 1));
      }
    }
    if (ready[0]) {
      Descriptors.hush(bell);
      for (Runnable birth = nextBirth(); birth != null; birth = nextBirth()) {
        birth.run();
      }
    }
  }

  private synchronized @Nullable Runnable nextBirth() {
    return births.poll();
  }

  private void bury(Child child) {
    try {
      TreeMemory.get().processDied(child.pid());
    } finally {
      boolean announce;
      synchronized (this) {
        running.remove(child);
        // On the way out the end of a child is no news: who hears of it could only complain.
        announce = !Session.get().isEnding();
        if (!announce) {
          unannounced.add(child);
        }
        notifyAll();
      }
      child.owner().removeKin(child);
      child.tellOwner();
      if (announce) {
        child.announce();
      }
    }
  }

  /** Whether a thread is there only to keep this process alive for its children. */
  static boolean isJoiner(Thread thread) {
    Supervisor supervisor = existing();
    return supervisor != null && supervisor.joiner == thread;
  }

  @Override
  public void leave() throws InterruptedException {
    for (Child child : running()) {
      if (child.isDaemon() && !child.isHidden()) {
        Log.info("calling terminate() for daemon " + child.name());
        child.terminate();
      }
    }
    for (Child child = nextToJoin(); child != null; child = nextToJoin()) {
      Log.info("calling join() for process " + child.name());
      child.join();
    }
  }

  private synchronized List<Child> running() {
    return List.copyOf(running);
  }

  private synchronized @Nullable Child nextToJoin() {
    for (Child child : running) {
      if (!child.isHidden() && !child.isDaemon()) {
        return child;
      }
    }
    return null;
  }

  @Override
  public void end() {
    for (Child child : left()) {
      if (child.isDaemon() && !child.isHidden()) {
        Log.info("calling terminate() for daemon " + child.name());
      }
      if (child.isHidden()) {
        child.killGroup();
      } else {
        child.terminate();
      }
    }
    if (!awaitAll(TERMINATE_MILLIS)) {
      for (Child child : left()) {
        child.kill();
      }
      awaitAll(KILL_MILLIS);
    }
  }

  private synchronized List<Child> left() {
    notifyAll(); // the joiner need not wait any longer
    return List.copyOf(running);
  }

  private synchronized boolean awaitAll(long millis) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    try {
      while (!running.isEmpty()) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
          return false;
        }
        wait(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return true;
  }

  @Override
  public void ended() {
    Thread announcer = new Thread(this::announceLate, "multiprocessing-announcer");
    announcer.setDaemon(true);
    announcer.start();
    over = true; // a thread in native code would hold up the exit of the virtual machine by 300 ms
    Descriptors.ring(bell);
  }

  /**
   * For a shutdown hook of the user's that waits for a child; mostly the process is gone by then.
   */
  private void announceLate() {
    try {
      Thread.sleep(ANNOUNCE_MILLIS);
    } catch (InterruptedException e) {
      // then it is done now
    }
    synchronized (this) {
      unannounced.forEach(Child::announce);
      unannounced.clear();
    }
  }

  /** Kills all children at once, since this process ends without ado. */
  synchronized void killAll() {
    for (Child child : running) {
      child.kill();
    }
  }
}
