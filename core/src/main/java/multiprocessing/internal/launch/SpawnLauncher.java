package multiprocessing.internal.launch;

import static multiprocessing.internal.launch.LaunchRequest.NO_LINE;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import multiprocessing.error.StartException;
import multiprocessing.internal.jvm.AotCache;
import multiprocessing.internal.jvm.JvmCommand;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.OsException;
import multiprocessing.internal.os.ProcessControl;
import multiprocessing.internal.os.Spawner;
import multiprocessing.internal.os.UnixSocket;
import multiprocessing.internal.shm.TreeMemory;
import multiprocessing.internal.wire.FrameSocket;
import org.jspecify.annotations.Nullable;

/** Starts a child as a fresh virtual machine. */
public final class SpawnLauncher implements Launcher {
  static {
    AotCache.madeBy(AotMaker.class, ChildMain.class);
  }

  /**
   * Read by the virtual machine or its launcher beside the command line. What of them concerns a
   * child is on its command line already, see {@link JvmCommand#options}.
   */
  private static final String[] OPTION_VARIABLES = {
    "JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_AOT_VM_OPTIONS"
  };

  /** A fresh virtual machine that is not watched over yet, and its socket. */
  record Born(long pid, FrameSocket control) {}

  /**
   * What is the same for each kind of process that is started here.
   *
   * @param line the child's end of a line to this process's classes, if it has one
   */
  private record Machine(List<String> options, List<String> main, byte[] told, int line) {}

  @Override
  public Child launch(LaunchRequest request) {
    AotCache cache = cache();
    boolean cached = isUsable(cache, request);
    boolean checksAot = cached && cache != null && cache.isToBeChecked(request.jvmOptions);
    if (cache != null && cached) {
      request.onAotMissed = cache::miss;
    }
    byte[] task = request.encodedTask();
    List<String> options = options(request, cached ? cache : null);
    int line = request.lineToClasses();
    byte[] told = Preparation.write(request, task, checksAot, line != NO_LINE);
    Child child = launch(request, new Machine(options, main(request, ChildMain.class), told, line));
    if (cache != null && !cached && !request.hidden) {
      cache.makeUnlessThere();
    }
    return child;
  }

  /** Starts a virtual machine that waits for an {@link Assignment}. */
  Born launchWaiting() {
    LaunchRequest request = LaunchRequest.anonymous("ReadyChild");
    List<String> options = options(request);
    return bear(
        request, new Machine(options, main(request, ChildMain.class), new byte[0], NO_LINE));
  }

  /** Starts the virtual machine that others are forked from. */
  Born launchZygote(LaunchRequest request, ZygotePlan plan) {
    List<String> options = options(request);
    int line = request.lineToClasses();
    byte[] told = plan.write(line != NO_LINE);
    return bear(request, new Machine(options, main(request, ZygoteMain.class), told, line));
  }

  /** Starts a child whose virtual machine has these options, and takes notes of what it does. */
  Child launchTraining(LaunchRequest request, List<String> options, List<String> main) {
    byte[] told = Preparation.write(request.takingNotes(), request.encodedTask(), false, false);
    return launch(request, new Machine(options, main, told, NO_LINE));
  }

  private static List<String> main(LaunchRequest request, Class<?> main) {
    return JvmCommand.main(main, request.birth.name());
  }

  private static List<String> options(LaunchRequest request) {
    AotCache cache = cache();
    boolean cached = isUsable(cache, request);
    return options(request, cached ? cache : null);
  }

  /** The cache is for the virtual machine of this process. */
  private static @Nullable AotCache cache() {
    return JvmCommand.isOwnJava() ? AotCache.get() : null;
  }

  private static boolean isUsable(@Nullable AotCache cache, LaunchRequest request) {
    return cache != null && cache.isFor(request.jvmOptions, request.hidden ? "" : request.home());
  }

  private static List<String> options(LaunchRequest request, @Nullable AotCache cache) {
    List<String> options = JvmCommand.options(request.jvmOptions);
    if (cache != null) {
      options.addAll(cache.options());
    }
    options.addAll(JvmCommand.path());
    options.addAll(request.jvmOptions);
    return options;
  }

  private static Child launch(LaunchRequest request, Machine machine) {
    Born born = bear(request, machine);
    try {
      request.sendLuggage(born.control);
      Child child = Supervisor.get().adopt(born.pid, request, born.control);
      if (request.nice != 0) {
        setNice(child, request.nice);
      }
      return child;
    } catch (OsException e) {
      born.control.close();
      throw request.refused(e);
    }
  }

  private static void setNice(Child child, int nice) {
    try {
      ProcessControl.setGroupNice(child.pid(), nice);
    } catch (OsException e) {
      child.kill();
      throw e;
    }
  }

  private static Born bear(LaunchRequest request, Machine machine) {
    List<Integer> given = new ArrayList<>();
    if (machine.line != NO_LINE) {
      given.add(machine.line);
    }
    try {
      TreeMemory memory = TreeMemory.get();
      int[] ends = UnixSocket.pair();
      given.add(ends[1]);
      FrameSocket control = new FrameSocket(ends[0]);
      try {
        int arguments =
            Descriptors.memoryFile("multiprocessing-arguments", JvmCommand.toFile(machine.options));
        given.add(arguments);
        int told = Descriptors.memoryFile("multiprocessing-preparation", machine.told);
        given.add(told);
        Spawner spawner =
            new Spawner(JvmCommand.java(), command(machine.main), environment(request))
                .give(numbered(machine, ends[1], memory.fd(), arguments, told))
                .directory(request.directory)
                .stdout(request.stdout)
                .stderr(request.stderr);
        long pid = Supervisor.get().bear(() -> spawnOn(spawner, request.affinity));
        return new Born(pid, control);
      } catch (Throwable t) {
        control.close();
        throw t;
      }
    } catch (OsException e) {
      throw request.refused(e);
    } finally {
      given.forEach(Descriptors::close);
    }
  }

  /** The descriptors of a child, in the order of their numbers there. */
  private static int[] numbered(Machine machine, int... always) {
    if (machine.line == NO_LINE) {
      return always;
    }
    int[] all = Arrays.copyOf(always, always.length + 1);
    all[always.length] = machine.line;
    return all;
  }

  private static long spawnOn(Spawner spawner, @Nullable BitSet processors) {
    if (processors == null) {
      return spawner.spawn();
    }
    BitSet own = ProcessControl.affinity();
    ProcessControl.setAffinity(processors);
    try {
      return spawner.spawn();
    } finally {
      ProcessControl.setAffinity(own);
    }
  }

  private static List<String> command(List<String> main) {
    List<String> words = new ArrayList<>();
    words.add(JvmCommand.java());
    words.add("@" + ChildMain.argumentsPath());
    words.addAll(main);
    return words;
  }

  /**
   * This process's own environment as the kernel has it, since it need not be text, and changes.
   */
  private static List<byte[]> environment(LaunchRequest request) {
    Map<String, byte[]> variables = new LinkedHashMap<>();
    for (byte[] entry : ownEnvironment()) {
      String text = new String(entry, StandardCharsets.ISO_8859_1);
      int equals = text.indexOf('=');
      variables.put(equals < 0 ? text : text.substring(0, equals), entry);
    }
    for (String variable : OPTION_VARIABLES) {
      variables.remove(variable);
    }
    request.environment.forEach(
        (name, value) -> {
          String key =
              new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
          if (value == null) {
            variables.remove(key);
          } else {
            variables.put(key, (name + "=" + value).getBytes(StandardCharsets.UTF_8));
          }
        });
    return List.copyOf(variables.values());
  }

  private static List<byte[]> ownEnvironment() {
    byte[] all;
    try {
      all = Files.readAllBytes(Path.of("/proc/self/environ"));
    } catch (IOException e) {
      throw new StartException("cannot read the environment of this process: " + e, e);
    }
    List<byte[]> entries = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < all.length; i++) {
      if (all[i] == 0) {
        entries.add(Arrays.copyOfRange(all, start, i));
        start = i + 1;
      }
    }
    return entries;
  }
}
