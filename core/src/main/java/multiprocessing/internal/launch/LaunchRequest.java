package multiprocessing.internal.launch;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import multiprocessing.internal.os.Spawner.Output;
import multiprocessing.internal.session.Session;
import org.jspecify.annotations.Nullable;

/** All that is to be known of a child before it is started. */
public final class LaunchRequest {
  final Session.Birth birth;
  final byte[] authKey;
  final byte[] task;
  final List<String> jvmOptions = new ArrayList<>();
  final Map<String, @Nullable String> environment = new LinkedHashMap<>();
  String startMethod = "";
  @Nullable String directory;
  Output stdout = Output.INHERIT;
  Output stderr = Output.INHERIT;
  @Nullable BitSet affinity;
  int nice;
  boolean hidden;
  Runnable onExit = () -> {};
  Runnable onAotMissed = () -> {};

  /**
   * A child that runs a task.
   *
   * @param birth who it is
   * @param authKey its secret
   * @param task an encoded {@link Runnable}
   */
  public LaunchRequest(Session.Birth birth, byte[] authKey, byte[] task) {
    this.birth = birth;
    this.authKey = authKey;
    this.task = task;
  }

  /** Makes it one that the library runs for itself, and that no user sees. */
  LaunchRequest hidden() {
    hidden = true;
    return this;
  }

  /** The default start method, for the children of the child. */
  public LaunchRequest startMethod(String method) {
    startMethod = method;
    return this;
  }

  /** Options for its virtual machine; they come last, so they win. */
  public LaunchRequest jvmOptions(List<String> options) {
    jvmOptions.addAll(options);
    return this;
  }

  /** What differs from this process's environment; a null value takes the variable away. */
  public LaunchRequest environment(Map<String, ? extends @Nullable String> changes) {
    environment.putAll(changes);
    return this;
  }

  public LaunchRequest directory(@Nullable String path) {
    directory = path;
    return this;
  }

  /** The file that its standard output goes to, by its absolute path. */
  public LaunchRequest stdout(String path, boolean append) {
    stdout = new Output(path, append);
    return this;
  }

  /** The file that its standard error goes to, by its absolute path. */
  public LaunchRequest stderr(String path, boolean append) {
    stderr = new Output(path, append);
    return this;
  }

  /** The processors it may run on; null for those of this process. */
  public LaunchRequest affinity(@Nullable BitSet processors) {
    affinity = processors;
    return this;
  }

  public LaunchRequest nice(int value) {
    nice = value;
    return this;
  }

  /** What to do as soon as it has ended; must be quick, and must not fail. */
  public LaunchRequest onExit(Runnable action) {
    onExit = action;
    return this;
  }
}
