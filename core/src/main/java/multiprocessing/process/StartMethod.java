package multiprocessing.process;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import multiprocessing.internal.launch.ForkLauncher;
import multiprocessing.internal.launch.ForkServerLauncher;
import multiprocessing.internal.launch.InProcessLauncher;
import multiprocessing.internal.launch.Launcher;
import multiprocessing.internal.launch.SpawnLauncher;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.session.SessionLocal;
import org.jspecify.annotations.Nullable;

/**
 * How a child comes into being. The counterpart of the names that {@code
 * multiprocessing.set_start_method} takes.
 *
 * <p>{@link #FORKSERVER} is right nearly always, {@link #FORK} where a child is to have all objects
 * of this process, and {@link #SPAWN} where it needs a virtual machine with other options. All
 * three give the same exit codes, end with their parent, and share the same queues, locks and
 * pools. {@link #IN_PROCESS} is the twin on threads.
 */
public enum StartMethod {
  /**
   * By a fork of a zygote, a small virtual machine that this process keeps for that; see {@link
   * ForkServers}. The task is sent to the child. Takes some milliseconds. Where a process cannot be
   * forked, virtual machines are kept ready instead, and the log says so. A child with options that
   * only a fresh virtual machine can have is spawned.
   */
  FORKSERVER,
  /**
   * By a fork of this very process: the child has all its objects, so that a task need not be
   * serializable, but none of its threads besides the one that calls {@link ChildProcess#start()}.
   * A lock that another thread holds just then stays locked in the child; see {@link ForkHandlers}.
   * Takes some ten milliseconds, more with a large heap and with busy threads. Not with ZGC or
   * Shenandoah; a start that is not possible fails with a {@link
   * multiprocessing.error.StartException} that says why.
   */
  FORK,
  /**
   * As a fresh virtual machine, to which its task is sent. Takes as long as one needs to come up.
   */
  SPAWN,
  /**
   * As a thread of this very virtual machine, the counterpart of {@code multiprocessing.dummy}: for
   * debuggers and tests. It is not among {@link #supported()}, and works everywhere.
   *
   * <p>The child has a name, a parent and children of its own, as has each thread that it starts;
   * its pid is the number that the kernel gives its thread. The task and what it refers to are
   * <em>not</em> copied. Locks, semaphores and queues tell it from its parent as they would a
   * process. It ends when its task and all threads of it that are no daemons have ended.
   *
   * <p>What only a process can do is refused: options for its virtual machine, its environment,
   * directory and output. What a thread cannot do: {@code System.exit} ends the whole virtual
   * machine; and it cannot be made to end. {@link ChildProcess#interrupt()}, {@link
   * ChildProcess#terminate()} and {@link ChildProcess#kill()} interrupt its threads, and the latter
   * two end each wait of the library's as well. A thread that heeds none of it goes on, and the
   * child is alive as long. The exit code is then -15 or -9, however its task ends; after an
   * interrupt it is 0 if the task returned, as after a signal that was handled, and else -2.
   */
  IN_PROCESS;

  private static final SessionLocal<AtomicReference<@Nullable StartMethod>> CHOSEN =
      new SessionLocal<>(AtomicReference::new);

  /** Returns the methods that work here, the default first. */
  public static List<StartMethod> supported() {
    return ForkLauncher.obstacle() == null
        ? List.of(FORKSERVER, FORK, SPAWN)
        : List.of(FORKSERVER, SPAWN);
  }

  /**
   * Returns the default method of this process, which can no longer be chosen then. A child begins
   * with the choice of its parent.
   */
  public static StartMethod current() {
    AtomicReference<@Nullable StartMethod> choice = CHOSEN.get();
    StartMethod method = choice.get();
    if (method == null) {
      String inherited = Session.get().startMethod();
      method = inherited.isEmpty() ? FORKSERVER : valueOf(inherited);
      if (!choice.compareAndSet(null, method)) {
        method = Objects.requireNonNull(choice.get());
      }
    }
    return method;
  }

  /**
   * Chooses the default method of this process.
   *
   * @param method the method
   * @param force whether to choose again where it was chosen before
   * @throws IllegalStateException if it was chosen before, or used, and {@code force} is not given
   * @throws UnsupportedOperationException if the method does not work here
   */
  public static void choose(StartMethod method, boolean force) {
    method.requireSupported();
    AtomicReference<@Nullable StartMethod> choice = CHOSEN.get();
    if (force) {
      choice.set(method);
    } else if (!choice.compareAndSet(null, method)) {
      throw new IllegalStateException("the start method has been set already, to " + choice.get());
    }
  }

  /**
   * Returns this method if it works here.
   *
   * @throws UnsupportedOperationException if not
   */
  public StartMethod requireSupported() {
    String obstacle = this == FORK ? ForkLauncher.obstacle() : null;
    if (obstacle != null) {
      throw new UnsupportedOperationException(
          "start method FORK is not available here; available: " + supported() + "; " + obstacle);
    }
    return this;
  }

  Launcher launcher() {
    return switch (requireSupported()) {
      case FORKSERVER -> new ForkServerLauncher();
      case FORK -> new ForkLauncher();
      case SPAWN -> new SpawnLauncher();
      case IN_PROCESS -> new InProcessLauncher();
    };
  }
}
