package multiprocessing.internal.launch;

import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.PidFd;
import multiprocessing.internal.os.ProcessControl;
import multiprocessing.internal.session.Log;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.wire.FrameSocket;
import org.jspecify.annotations.Nullable;

/** A child that is a process of the system, seen from its parent. */
public final class Child implements Launched {
  /** The exit code of a virtual machine that does not accept its options. */
  private static final int REFUSED = 1;

  private final long pid;
  private final int pidfd;
  private final @Nullable FrameSocket control;
  private final LaunchRequest request;
  private final CompletableFuture<Integer> exit = new CompletableFuture<>();
  private int exitCode = PidFd.RUNNING;
  private FrameSocket.@Nullable Frame greeting;
  private int earlySignal;
  private boolean announced;

  /**
   * A child.
   *
   * @param control the socket on which it greets when it comes to its task; null if it has none
   */
  Child(long pid, int pidfd, @Nullable FrameSocket control, LaunchRequest request) {
    this.pid = pid;
    this.pidfd = pidfd;
    this.control = control;
    this.request = request;
  }

  @Override
  public long pid() {
    return pid;
  }

  @Override
  public String name() {
    return request.birth.name();
  }

  @Override
  public boolean isDaemon() {
    return request.birth.daemon();
  }

  /** Who started it. */
  Session owner() {
    return request.owner;
  }

  /** Whether it is none of the user's: a process that the library runs for itself. */
  boolean isHidden() {
    return request.hidden;
  }

  int pidfd() {
    return pidfd;
  }

  @Override
  public synchronized boolean isAlive() {
    return exitCode == PidFd.RUNNING;
  }

  /** Whether it has ended, though maybe nobody has seen that yet. */
  synchronized boolean isOver() {
    return !isAlive() || Descriptors.await(new int[] {pidfd}, 0)[0];
  }

  @Override
  public synchronized OptionalInt exitCode() {
    return exitCode == PidFd.RUNNING ? OptionalInt.empty() : OptionalInt.of(exitCode);
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

  /** An exit code as Python shows it: {@code 0}, {@code -SIGTERM}. */
  public static String nameOfCode(int code) {
    return code < 0 ? "-" + ProcessControl.signalName(-code) : Integer.toString(code);
  }

  /**
   * Before a child greets, its virtual machine handles signals in its own way, which is noisy and
   * loses the exit code. But then it has nothing yet that a handler could save, so SIGKILL does
   * what was asked for.
   */
  private synchronized void signal(int signal) {
    if (!isAlive()) {
      return;
    }
    boolean early = control != null && greeting() == null;
    if (early && earlySignal == 0) {
      earlySignal = signal;
    }
    PidFd.signal(pidfd, early ? ProcessControl.SIGKILL : signal);
  }

  private FrameSocket.@Nullable Frame greeting() {
    if (greeting == null && control != null) {
      greeting = control.poll();
      if (greeting != null && greeting.bytes().length > ChildLife.AOT_MISSED.length) {
        greeting = control.poll(); // that was the pid, which a fork of the zygote tells first
      }
    }
    return greeting;
  }

  /** Kills it and what it has started, as far as that is in its process group. */
  synchronized void killGroup() {
    if (isAlive()) {
      ProcessControl.signal(-pid, ProcessControl.SIGKILL);
    }
  }

  @Override
  public synchronized void join() throws InterruptedException {
    while (!announced) {
      wait();
    }
  }

  @Override
  public synchronized boolean join(long nanos) throws InterruptedException {
    long deadline = System.nanoTime() + nanos;
    for (long left = nanos; !announced && left > 0; left = deadline - System.nanoTime()) {
      TimeUnit.NANOSECONDS.timedWait(this, Math.max(left, TimeUnit.MILLISECONDS.toNanos(1)));
    }
    return announced;
  }

  @Override
  public synchronized CompletableFuture<Integer> onExit() {
    return exit.copy();
  }

  /**
   * Collects the exit code if there is one, and closes what belongs to the child.
   *
   * @return whether it has ended
   */
  synchronized boolean reap() {
    int code = PidFd.reap(pidfd);
    if (code == PidFd.RUNNING) {
      return false;
    }
    if (control == null) {
      exitCode = code;
    } else {
      closeControl(code, control);
    }
    Descriptors.close(pidfd);
    return true;
  }

  private void closeControl(int code, FrameSocket control) {
    FrameSocket.Frame greeted = greeting();
    if (code == -ProcessControl.SIGKILL && earlySignal != 0) {
      exitCode = -earlySignal; // by which it was killed, though it may have greeted just then
    } else {
      exitCode = greeted == null ? beforeGreeting(code) : code;
    }
    if (greeted == null ? isCrash(exitCode) : greeted.bytes().length > 0) {
      request.onAotMissed.run();
    }
    if (greeted == null) {
      Log.info(name() + " ended with " + nameOfCode(exitCode) + " before it came to its task");
    }
    control.close();
  }

  /**
   * Virtual machines say 128 + N for what the kernel calls a death by signal N; no task can have
   * asked for such a code by then.
   */
  private static int beforeGreeting(int code) {
    return switch (code - 128) {
      case ProcessControl.SIGHUP, ProcessControl.SIGINT, ProcessControl.SIGTERM -> 128 - code;
      default -> code;
    };
  }

  /** Whether a virtual machine that has not come up ended so because of what it was made of. */
  private boolean isCrash(int code) {
    return switch (-code) {
      case ProcessControl.SIGILL,
          ProcessControl.SIGABRT,
          ProcessControl.SIGBUS,
          ProcessControl.SIGSEGV ->
          true;
      default -> code == REFUSED && request.jvmOptions.isEmpty();
    };
  }

  /**
   * Gives back what is open for it, in a fork of its parent. Once it is collected, that may be
   * closed already, though it is still listed as running, and its descriptors mean something else.
   */
  void closeForked() {
    if (exitCode != PidFd.RUNNING) {
      return;
    }
    Descriptors.close(pidfd);
    if (control != null) {
      Descriptors.close(control.descriptor());
    }
  }

  /** Tells its owner. */
  void tellOwner() {
    request.onExit.run();
  }

  /** Tells those who wait for its end. */
  void announce() {
    int code;
    synchronized (this) {
      announced = true;
      code = exitCode;
      notifyAll();
      if (exit.getNumberOfDependents() == 0) {
        exit.complete(code);
        return;
      }
    }
    // In a thread of its own: those of the common pool do not run in a fork of this process.
    exit.completeAsync(() -> code, task -> Thread.ofPlatform().daemon().start(task));
  }
}
