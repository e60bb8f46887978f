package multiprocessing.internal.launch;

import java.io.File;
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
  private static final String SOURCE_LAUNCHER = "jdk.compiler/com.sun.tools.javac.launcher.";

  /**
   * Read by the virtual machine or its launcher beside the command line. What of them concerns a
   * child is on its command line already, see {@link ParentOptions}.
   */
  private static final String[] OPTION_VARIABLES = {
    "JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_AOT_VM_OPTIONS"
  };

  /** A fresh virtual machine that is not watched over yet, and its socket. */
  record Born(long pid, FrameSocket control) {}

  /** What is the same for each kind of process that is started here. */
  private record Machine(List<String> options, Class<?> main, byte[] told) {}

  @Override
  public Child launch(LaunchRequest request) {
    requireClassFiles();
    AotCache cache = AotCache.get();
    boolean cached = cache != null && cache.isFor(request);
    boolean checksAot = cached && cache != null && cache.isToBeChecked(request);
    if (cache != null && cached) {
      request.onAotMissed = cache::miss;
    }
    byte[] told = Preparation.write(request, request.encodedTask(), checksAot);
    Machine machine = new Machine(options(request, cached ? cache : null), ChildMain.class, told);
    Child child = launch(request, machine);
    if (cache != null && !cached) {
      cache.makeAfter(child);
    }
    return child;
  }

  /** Starts a virtual machine that waits for an {@link Assignment}. */
  Born launchWaiting() {
    requireClassFiles();
    LaunchRequest request = LaunchRequest.anonymous("ReadyChild");
    return bear(request, machine(request, ChildMain.class, new byte[0]));
  }

  /** Starts the virtual machine that others are forked from. */
  Born launchZygote(LaunchRequest request, byte[] plan) {
    requireClassFiles();
    return bear(request, machine(request, ZygoteMain.class, plan));
  }

  /** Starts a hidden child that leaves an AOT cache behind. */
  Child launchTraining(LaunchRequest request, Path output) {
    List<String> options = JvmCommand.options(List.of());
    options.add("-XX:AOTCacheOutput=" + output);
    // Profiles of so short a run make children compile early what they hardly use.
    options.add("-XX:+UnlockDiagnosticVMOptions");
    options.add("-XX:-AOTRecordTraining");
    options.add("--class-path");
    options.add(String.join(File.pathSeparator, JvmCommand.libraryPath()));
    return launch(
        request,
        new Machine(
            options, ChildMain.class, Preparation.write(request, request.encodedTask(), false)));
  }

  private static Machine machine(LaunchRequest request, Class<?> main, byte[] told) {
    AotCache cache = AotCache.get();
    boolean cached = cache != null && cache.isFor(request);
    return new Machine(options(request, cached ? cache : null), main, told);
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

  private static void requireClassFiles() {
    if (System.getProperty("sun.java.command", "").startsWith(SOURCE_LAUNCHER)) {
      throw new StartException(
          "a program that is run as `java File.java` has its classes in memory only, where no child"
              + " can find them: compile it first, or use `./mp run File.java`");
    }
  }

  private static Child launch(LaunchRequest request, Machine machine) {
    Born born = bear(request, machine);
    try {
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
            new Spawner(JvmCommand.java(), command(request, machine.main), environment(request))
                .give(ends[1], memory.fd(), arguments, told)
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

  private static List<String> command(LaunchRequest request, Class<?> main) {
    List<String> words = new ArrayList<>();
    words.add(JvmCommand.java());
    words.add("@" + ChildMain.argumentsPath());
    words.addAll(JvmCommand.main(main, request.birth.name()));
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
