package multiprocessing.internal.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Starts a program by {@code posix_spawn}. The program gets {@code /dev/null} as its standard
 * input, standard output and error as told, the descriptors given to it as 3, 4, …, and no other;
 * it leads a process group of its own and has an empty signal mask and default signal dispositions.
 */
public final class Spawner {
  private static final Charset PATHS =
      Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"), Charset.defaultCharset());
  private static final int FIRST_GIVEN = 3;
  private static final int MAX_GIVEN = 16;
  private static final int ACTIONS_BYTES = 256;
  private static final int ATTRIBUTES_BYTES = 1024;
  private static final int SIGSET_BYTES = 128;
  private static final short SETPGROUP_SIGDEF_SIGMASK = 2 | 4 | 8;
  private static final int O_WRONLY = 1;
  private static final int O_CREAT = 0x40;
  private static final int O_TRUNC = 0x200;
  private static final int O_APPEND = 0x400;
  static final int MODE = 0666;

  private static final long SPAWN = SystemCall.find("posix_spawn");
  private static final long ACTIONS_INIT = SystemCall.find("posix_spawn_file_actions_init");
  private static final long ACTIONS_DESTROY = SystemCall.find("posix_spawn_file_actions_destroy");
  private static final long ADD_OPEN = SystemCall.find("posix_spawn_file_actions_addopen");
  private static final long ADD_DUP = SystemCall.find("posix_spawn_file_actions_adddup2");
  private static final long ADD_CHDIR = SystemCall.find("posix_spawn_file_actions_addchdir_np");
  private static final long ADD_CLOSEFROM =
      SystemCall.find("posix_spawn_file_actions_addclosefrom_np");
  private static final long ATTRIBUTES_INIT = SystemCall.find("posix_spawnattr_init");
  private static final long ATTRIBUTES_DESTROY = SystemCall.find("posix_spawnattr_destroy");
  private static final long SET_FLAGS = SystemCall.find("posix_spawnattr_setflags");
  private static final long SET_DEFAULTS = SystemCall.find("posix_spawnattr_setsigdefault");

  /**
   * Where standard output or error goes.
   *
   * @param path the file; null to inherit the parent's own descriptor
   */
  public record Output(@Nullable String path, boolean append) {
    public static final Output INHERIT = new Output(null, false);
  }

  private final String executable;
  private final List<String> arguments;
  private final List<byte[]> environment;
  private final List<Integer> given = new ArrayList<>();
  private @Nullable String directory;
  private Output stdout = Output.INHERIT;
  private Output stderr = Output.INHERIT;

  /**
   * A start of a program.
   *
   * @param executable the path of the program
   * @param arguments its arguments, the first of which is the name it is called by
   * @param environment its whole environment, each entry as {@code NAME=value}, in bytes since
   *     nothing says that they are text
   */
  public Spawner(String executable, List<String> arguments, List<byte[]> environment) {
    this.executable = executable;
    this.arguments = List.copyOf(arguments);
    this.environment = List.copyOf(environment);
  }

  /** Hands descriptors over; they get the numbers from 3 on, in this order. */
  public Spawner give(int... descriptors) {
    for (int descriptor : descriptors) {
      given.add(descriptor);
    }
    return this;
  }

  /** The working directory; null for the parent's own. */
  public Spawner directory(@Nullable String path) {
    directory = path;
    return this;
  }

  public Spawner stdout(Output output) {
    stdout = output;
    return this;
  }

  public Spawner stderr(Output output) {
    stderr = output;
    return this;
  }

  /**
   * Starts the program and gives its pid.
   *
   * @throws OsException if the system refuses, for one because there is no such program or
   *     directory
   */
  public long spawn() {
    List<Integer> lifted = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment actions = arena.allocate(ACTIONS_BYTES, 16);
      MemorySegment attributes = arena.allocate(ATTRIBUTES_BYTES, 16);
      check(ACTIONS_INIT, actions.address());
      check(ATTRIBUTES_INIT, attributes.address());
      try {
        describeFiles(arena, actions.address(), lifted);
        describeSignals(arena, attributes.address());
        return start(arena, actions.address(), attributes.address());
      } finally {
        check(ATTRIBUTES_DESTROY, attributes.address());
        check(ACTIONS_DESTROY, actions.address());
      }
    } finally {
      lifted.forEach(Descriptors::close);
    }
  }

  private void describeFiles(Arena arena, long actions, List<Integer> lifted) {
    check(ADD_OPEN, actions, 0, text(arena, "/dev/null"), 0, 0);
    describeOutput(arena, actions, 1, stdout);
    describeOutput(arena, actions, 2, stderr);
    int target = FIRST_GIVEN;
    for (int descriptor : given) {
      int source = descriptor;
      if (source < FIRST_GIVEN + MAX_GIVEN) {
        // It could be overwritten by an earlier copy: move it out of the way of the targets.
        source = Descriptors.duplicate(descriptor, FIRST_GIVEN + MAX_GIVEN);
        lifted.add(source);
      }
      check(ADD_DUP, actions, source, target++);
    }
    check(ADD_CLOSEFROM, actions, target);
    if (directory != null) {
      check(ADD_CHDIR, actions, text(arena, directory));
    }
  }

  private static void describeOutput(Arena arena, long actions, int target, Output output) {
    String path = output.path();
    if (path != null) {
      check(ADD_OPEN, actions, target, text(arena, path), writing(output.append()), MODE);
    } else if (!Descriptors.isOpen(target)) {
      // The parent closed its own: the number must not go to the first file that the child opens.
      check(ADD_OPEN, actions, target, text(arena, "/dev/null"), O_WRONLY, 0);
    }
  }

  /** The flags with which a file is opened for output. */
  static int writing(boolean append) {
    return O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC);
  }

  private static void describeSignals(Arena arena, long attributes) {
    check(SET_FLAGS, attributes, SETPGROUP_SIGDEF_SIGMASK);
    MemorySegment defaults = arena.allocate(SIGSET_BYTES, 8);
    // SIGHUP stays as it is: a tree under nohup is to survive its terminal as a whole.
    for (int signal :
        new int[] {
          ProcessControl.SIGINT,
          ProcessControl.SIGQUIT,
          ProcessControl.SIGTERM,
          ProcessControl.SIGPIPE,
          ProcessControl.SIGCHLD
        }) {
      defaults.set(Native.LONG, 0, defaults.get(Native.LONG, 0) | 1L << (signal - 1));
    }
    check(SET_DEFAULTS, attributes, defaults.address());
    // The mask and the group of a fresh attribute object are the ones wanted: empty, and its own.
  }

  private long start(Arena arena, long actions, long attributes) {
    MemorySegment pid = arena.allocate(Native.INT);
    List<byte[]> words = new ArrayList<>();
    for (String argument : arguments) {
      words.add(argument.getBytes(PATHS));
    }
    SystemCall.function(
        "start " + executable,
        SPAWN,
        pid.address(),
        text(arena, executable),
        actions,
        attributes,
        vector(arena, words),
        vector(arena, environment));
    return pid.get(Native.INT, 0);
  }

  private static long vector(Arena arena, List<byte[]> strings) {
    MemorySegment vector = arena.allocate(Native.LONG, strings.size() + 1L);
    for (int i = 0; i < strings.size(); i++) {
      vector.setAtIndex(Native.LONG, i, text(arena, strings.get(i)));
    }
    return vector.address();
  }

  /** A path or argument, as the system wants it. */
  static long text(Arena arena, String string) {
    return text(arena, string.getBytes(PATHS));
  }

  private static long text(Arena arena, byte[] bytes) {
    MemorySegment copy = arena.allocate(bytes.length + 1L);
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, copy, 0, bytes.length);
    return copy.address();
  }

  private static void check(long function, long... arguments) {
    SystemCall.function("prepare the start of a process", function, arguments);
  }
}
