package multiprocessing.internal.launch;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import multiprocessing.error.StartException;
import multiprocessing.internal.classes.ClassServer;
import multiprocessing.internal.classes.ProgramLoaders;
import multiprocessing.internal.jvm.JvmCommand;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.OsException;
import multiprocessing.internal.os.ProcessControl;
import multiprocessing.internal.os.Spawner.Output;
import multiprocessing.internal.os.UnixSocket;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.wire.FrameSocket;
import multiprocessing.internal.wire.Luggage;
import org.jspecify.annotations.Nullable;

/** All that is to be known of a child before it is started. */
public final class LaunchRequest implements Supplier<Runnable> {
  static final int NO_LINE = -1;

  final Session.Birth birth;
  final byte[] authKey;
  Session owner = Session.get();
  private @Nullable Runnable task;
  final List<String> jvmOptions = new ArrayList<>();
  final Map<String, @Nullable String> environment = new LinkedHashMap<>();
  String startMethod = "";
  @Nullable String directory;
  Output stdout = Output.INHERIT;
  Output stderr = Output.INHERIT;
  @Nullable BitSet affinity;
  int nice;
  boolean hidden;
  private boolean ordinary = true;
  private byte @Nullable [] encoded;
  private @Nullable Class<?> user;
  private List<Integer> luggage = List.of();
  Runnable onExit = () -> {};
  Runnable onAotMissed = () -> {};

  /**
   * A child that runs a task.
   *
   * @param birth who it is
   * @param authKey its secret
   * @param task what it runs; sent to it, unless the child is a copy of this process
   */
  public LaunchRequest(Session.Birth birth, byte[] authKey, Runnable task) {
    this.birth = birth;
    this.authKey = authKey;
    this.task = task;
  }

  /**
   * The task as it travels. Encoded once: what it holds of shared memory is held for the journey.
   *
   * @throws multiprocessing.error.SerializationException if it cannot travel
   */
  byte[] encodedTask() {
    byte[] bytes = encoded;
    if (bytes == null) {
      try (Luggage packing = Luggage.pack(Integer.MAX_VALUE)) {
        bytes = Codec.shared().encodeTask(get()).toBytes();
        luggage = packing.unload();
      }
      encoded = bytes;
    }
    return bytes;
  }

  /** Who the child is. */
  public Session.Birth birth() {
    return birth;
  }

  /** Its secret. */
  public byte[] authKey() {
    return authKey;
  }

  /** The default start method of its own children. */
  public String startMethod() {
    return startMethod;
  }

  /** The task, which is not kept here any longer. */
  public Runnable takeTask() {
    Runnable taken = get();
    letTaskGo();
    return taken;
  }

  /** Tells its owner that it has ended. */
  public void tellOwner() {
    onExit.run();
  }

  /** Whether nothing is asked for that only a process of the system can have. */
  public boolean isForAnyThread() {
    return isForAnyMachine() && stdout.path() == null && stderr.path() == null;
  }

  /**
   * Gives the calling thread, and those that it starts, what it is to have of the system.
   *
   * @throws OsException if the system refuses
   */
  public void applyToThread() {
    if (affinity != null) {
      ProcessControl.setAffinity(affinity);
    }
    if (nice != 0) {
      ProcessControl.setNice(nice);
    }
  }

  /**
   * Names a class of the program. From it, and from this thread, it is told whether the child can
   * find the classes of its tasks by itself, or is to be served them by this process.
   */
  public LaunchRequest user(Class<?> type) {
    user = type;
    return this;
  }

  /** The child's end of a line to this process's classes; {@link #NO_LINE} if it needs none. */
  int lineToClasses() {
    Class<?> type = user;
    return type != null && ProgramLoaders.note(type) ? ClassServer.offer() : NO_LINE;
  }

  /** How many descriptors travel with the encoded task. */
  int luggageCount() {
    return luggage.size();
  }

  /** Sends them; they wait in the socket, and go with it if the child ends before it takes them. */
  void sendLuggage(FrameSocket control) {
    for (int i = 0; i < luggage.size(); i += UnixSocket.MAX_DESCRIPTORS) {
      List<Integer> part =
          luggage.subList(i, Math.min(luggage.size(), i + UnixSocket.MAX_DESCRIPTORS));
      boolean _ = control.send(new byte[0], part);
    }
  }

  /** The class in which the code of the task is written. */
  String home() {
    String type = get().getClass().getName();
    int lambda = type.indexOf("$$Lambda");
    return lambda < 0 ? type : type.substring(0, lambda);
  }

  /** The task. A child that is a copy of this process takes it from here. */
  @Override
  public Runnable get() {
    return Objects.requireNonNull(task);
  }

  /** The child has the task, or will not get it: here it is in nobody's way any more. */
  public void letTaskGo() {
    task = null;
    encoded = null;
    luggage.forEach(Descriptors::close);
    luggage = List.of();
  }

  /** Whether nothing is asked for that only a fresh virtual machine can have. */
  boolean isForAnyMachine() {
    return jvmOptions.isEmpty() && environment.isEmpty() && directory == null;
  }

  /**
   * Gives a process that was forked, and has no task yet, what it is to have of the system.
   *
   * @throws OsException if the system refuses
   */
  void applyToForked(long pid) {
    ProcessControl.leadGroup(pid);
    if (affinity != null) {
      ProcessControl.setAffinityOfAll(pid, affinity);
    }
    if (nice != 0) {
      ProcessControl.setGroupNice(pid, nice);
    }
  }

  /** The exception for a start that the system refused; it names the culprit if it can be found. */
  StartException refused(OsException e) {
    return new StartException(
        "cannot start " + birth.name() + ": " + e.getMessage() + culprit(), e);
  }

  /** The system says that a file is missing or closed to us, but not which. */
  private String culprit() {
    if (!Files.isExecutable(Path.of(JvmCommand.java()))) {
      return "; there is no program " + JvmCommand.java();
    }
    if (directory != null && !Files.isDirectory(Path.of(directory))) {
      return "; there is no folder " + directory;
    }
    for (Output output : List.of(stdout, stderr)) {
      Path file = output.path() == null ? null : Path.of(output.path());
      Path place = file == null || Files.exists(file) ? file : file.getParent();
      if (place != null && !Files.isWritable(place)) {
        return "; cannot write to " + file;
      }
    }
    return "";
  }

  /** A process that the library runs for itself, and that waits to be told what to do. */
  static LaunchRequest anonymous(String name) {
    Session.Birth birth = new Session.Birth(name, "", true, null);
    return new LaunchRequest(birth, Session.get().authKey(), () -> {}).hidden();
  }

  /** Makes it one that the library runs for itself, and that no user sees. */
  LaunchRequest hidden() {
    hidden = true;
    owner = Session.home();
    return this;
  }

  /** Makes it one whose virtual machine is to see its own end. */
  LaunchRequest takingNotes() {
    ordinary = false;
    return this;
  }

  /** Whether its virtual machine has no options of the user's, such as agents. */
  boolean isOrdinary() {
    return ordinary && jvmOptions.isEmpty();
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
