package multiprocessing.process;

import java.util.Arrays;
import java.util.List;
import multiprocessing.internal.launch.ForkServer;
import org.jspecify.annotations.Nullable;

/**
 * The settings of this process's fork server, which starts children by {@link
 * StartMethod#FORKSERVER}. Its counterpart in Python is the module {@code
 * multiprocessing.forkserver}.
 *
 * <p>The fork server is a hidden process, the zygote: a virtual machine that forks itself for each
 * child. It is started with the first child, or ahead of time by {@link #start()}; if it dies, the
 * next child starts a new one. Only this process can reach it.
 *
 * <p>Children share the zygote's memory until they write to it, so what the zygote has loaded costs
 * them neither time nor memory; but whatever the zygote has opened or computed by then (a
 * connection, a {@code Random}) is the same in all of them. The generators of the JDK that are one
 * for a whole process draw numbers of their own in each child.
 */
public final class ForkServers {
  private static List<String> preload = List.of();
  private static @Nullable SerializableRunnable warmUp;

  private ForkServers() {}

  /**
   * Names classes that the zygote loads and initializes before its first fork. The counterpart of
   * {@code multiprocessing.set_forkserver_preload}.
   *
   * <p>A zygote that runs is ended; children of it go on.
   *
   * @param classNames the names, as {@link Class#forName(String)} takes them; they replace those
   *     named before
   * @throws IllegalArgumentException if one of them cannot be found in this process
   */
  public static synchronized void preload(String... classNames) {
    for (String name : classNames) {
      try {
        ForkServer.get().requireClass(name);
      } catch (ClassNotFoundException | LinkageError e) {
        throw new IllegalArgumentException(
            "cannot preload " + name + ": it is not on the class path, or is broken", e);
      }
    }
    preload = List.copyOf(Arrays.asList(classNames));
    ForkServer.get().setPlan(preload, warmUp);
  }

  /**
   * Sets what the zygote runs after the preloaded classes and before its first fork, such as a
   * computation that children are to find done, or code that they are to find compiled. It should
   * leave no thread and no open file behind: each child would have a copy. If it fails, that is
   * logged, and the zygote goes on.
   *
   * <p>A zygote that runs is ended; children of it go on.
   *
   * @param task what to run; null for nothing. It is sent to the zygote with what it captures
   * @throws multiprocessing.error.SerializationException if it cannot travel
   */
  public static synchronized void warmUp(@Nullable SerializableRunnable task) {
    ForkServer.get().setPlan(preload, task);
    warmUp = task;
  }

  /**
   * Sets how many children are kept ready, forked but without a task: a start then takes no longer
   * than to hand the task over. Each takes a few MB of memory. The default is 1.
   *
   * @param count from 0 to 64
   * @throws IllegalArgumentException if it is not
   */
  public static void spares(int count) {
    ForkServer.get().setSpares(count);
  }

  /**
   * Starts the zygote and the spares ahead of time, if they do not run, and does not wait for them.
   * The counterpart of {@code multiprocessing.forkserver.ensure_running}.
   *
   * @throws multiprocessing.error.StartException if the system refuses to start a process
   * @throws IllegalStateException if this process is about to end
   */
  public static void start() {
    ForkServer.get().start();
  }

  /**
   * Ends the zygote and the spares, if they run. Children go on; the next child starts new ones.
   */
  public static void stop() {
    ForkServer.get().stop();
  }
}
