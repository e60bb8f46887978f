package multiprocessing.internal.launch;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import multiprocessing.error.StartException;
import multiprocessing.internal.os.Guest;
import multiprocessing.internal.os.ProcessControl;
import multiprocessing.internal.session.ExitOrder;
import multiprocessing.internal.session.Log;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.session.Session.Birth;
import multiprocessing.internal.session.Session.Parent;
import multiprocessing.internal.shm.TreeMemory;
import org.jspecify.annotations.Nullable;

/**
 * A child that is a thread of this virtual machine, together with the threads that it starts.
 *
 * <p>It runs in a group of threads of its own, by which its threads are found: it ends when the
 * last of them that is no daemon has, and signals reach them all, as interrupts.
 */
final class InProcessChild implements Launched {
  private static final int UNCAUGHT = 1;
  private static final Duration LONG = Duration.ofDays(1);

  private final LaunchRequest request;
  private final Session parent;
  private final ThreadGroup threads;
  private final CompletableFuture<Guest> entered = new CompletableFuture<>();
  private final CompletableFuture<Integer> exit = new CompletableFuture<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private @Nullable Guest guest; // null before it has entered
  private @Nullable Integer exitCode; // null while it runs

  InProcessChild(LaunchRequest request, Session parent) {
    this.request = request;
    this.parent = parent;
    // Not below the group of the parent: its threads these are not.
    this.threads = new ThreadGroup(Guest.outerGroup(), request.birth().name());
  }

  /**
   * Starts it, and waits until it is a process of the tree.
   *
   * @throws StartException if there can be no such thread
   */
  void start() {
    Thread main = new Thread(threads, this::live, request.birth().name());
    main.setDaemon(request.birth().daemon());
    parent.addKin(this);
    try {
      main.start();
      Guest started = entered.join();
      synchronized (this) {
        guest = started;
      }
      if (parent.isEnding()) {
        kill(); // it was not among those that are ended
      }
    } catch (OutOfMemoryError e) {
      parent.removeKin(this);
      throw new StartException("cannot start " + name() + ": " + e.getMessage(), e);
    } catch (CompletionException e) {
      parent.removeKin(this);
      throw new StartException("cannot start " + name() + ": " + e.getCause(), e.getCause());
    }
  }

  private void live() {
    Birth its = request.birth();
    Parent starter = new Parent(parent.pid(), parent.name(), parent);
    Birth birth = new Birth(its.name(), its.identity(), its.daemon(), starter);
    Guest self = Session.enterGuest(birth, request.authKey());
    try {
      Session.get().setStartMethod(request.startMethod());
      TreeMemory.get().enrol(self);
      request.applyToThread();
    } catch (Throwable t) {
      TreeMemory.get().processDied(self.pid());
      entered.completeExceptionally(t);
      return;
    }
    int code = UNCAUGHT;
    try {
      code = run(self);
    } finally {
      end(self, code);
    }
  }

  private int run(Guest self) {
    int code = 0;
    try {
      Runnable task = request.takeTask();
      entered.complete(self);
      Log.info("child process calling self.run()");
      task.run();
    } catch (Throwable thrown) {
      code = UNCAUGHT;
      if (self.signal() == 0) {
        TaskRunner.report(thrown);
      }
    }
    awaitOtherThreads();
    self.leave();
    boolean _ = Thread.interrupted(); // it was meant for the task
    code = exitCode(code, self.signal());
    ExitOrder.runGuest(code < 0);
    Log.info("process exiting with exitcode " + code);
    TaskRunner.flush();
    return code;
  }

  /** A process that is killed dies of it; one that is interrupted may have found a way out. */
  private static int exitCode(int code, int signal) {
    boolean handled = signal == 0 || (signal == ProcessControl.SIGINT && code == 0);
    return handled ? code : -signal;
  }

  private void awaitOtherThreads() {
    for (Thread other = otherThread(); other != null; other = otherThread()) {
      try {
        boolean _ = other.join(LONG);
      } catch (InterruptedException e) {
        // Whoever interrupts this one has interrupted that one as well.
      }
    }
  }

  private @Nullable Thread otherThread() {
    Thread[] all = new Thread[threads.activeCount() + 16];
    int count = threads.enumerate(all);
    for (int i = 0; i < count; i++) {
      if (!all[i].isDaemon() && all[i] != Thread.currentThread()) {
        return all[i];
      }
    }
    return null;
  }

  /** Says that it has ended, as its last act; the thread is one of this process again. */
  private void end(Guest self, int code) {
    Session session = Session.get();
    Guest.exit();
    try {
      TreeMemory.get().processDied(self.pid());
    } finally {
      synchronized (this) {
        exitCode = code;
      }
      parent.removeKin(this);
      session.setEnded();
      request.tellOwner();
      ended.countDown();
      exit.completeAsync(() -> code);
    }
  }

  @Override
  public synchronized long pid() {
    return guest == null ? 0 : guest.pid();
  }

  @Override
  public String name() {
    return request.birth().name();
  }

  @Override
  public boolean isDaemon() {
    return request.birth().daemon();
  }

  @Override
  public synchronized boolean isAlive() {
    return exitCode == null;
  }

  @Override
  public synchronized OptionalInt exitCode() {
    Integer code = exitCode;
    return code == null ? OptionalInt.empty() : OptionalInt.of(code);
  }

  @Override
  public void interrupt() {
    signal(ProcessControl.SIGINT);
  }

  @Override
  public void terminate() {
    signal(ProcessControl.SIGTERM);
  }

  @Override
  public void kill() {
    signal(ProcessControl.SIGKILL);
  }

  private synchronized void signal(int number) {
    Guest self = guest;
    if (self != null && exitCode == null) {
      self.setSignal(number);
      threads.interrupt();
    }
  }

  @Override
  public void join() throws InterruptedException {
    ended.await();
  }

  @Override
  public boolean join(long nanos) throws InterruptedException {
    return ended.await(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public CompletableFuture<Integer> onExit() {
    return exit.copy();
  }
}
