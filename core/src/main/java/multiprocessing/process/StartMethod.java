package multiprocessing.process;

import java.util.List;
import multiprocessing.internal.launch.ForkLauncher;
import multiprocessing.internal.launch.ForkServerLauncher;
import multiprocessing.internal.launch.Launcher;
import multiprocessing.internal.launch.SpawnLauncher;
import multiprocessing.internal.session.Session;
import org.jspecify.annotations.Nullable;

/** How a child comes into being. */
public enum StartMethod {
  /** By a fork of a small server process that was started before. */
  FORKSERVER,
  /** By a fork of this very process: the child has all its objects. */
  FORK,
  /** As a fresh virtual machine, to which its task is sent. */
  SPAWN;

  private static @Nullable StartMethod chosen;

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
  public static synchronized StartMethod current() {
    StartMethod method = chosen;
    if (method == null) {
      String inherited = Session.get().startMethod();
      method = inherited.isEmpty() ? FORKSERVER : valueOf(inherited);
      chosen = method;
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
  public static synchronized void choose(StartMethod method, boolean force) {
    method.requireSupported();
    if (chosen != null && !force) {
      throw new IllegalStateException("the start method has been set already, to " + chosen);
    }
    chosen = method;
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
    };
  }
}
