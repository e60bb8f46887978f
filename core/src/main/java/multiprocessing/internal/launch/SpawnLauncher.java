package multiprocessing.internal.launch;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import multiprocessing.error.StartException;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.OsException;
import multiprocessing.internal.os.Spawner;
import multiprocessing.internal.os.UnixSocket;
import multiprocessing.internal.shm.TreeMemory;
import multiprocessing.internal.wire.FrameSocket;

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

  @Override
  public Child launch(LaunchRequest request) {
    if (System.getProperty("sun.java.command", "").startsWith(SOURCE_LAUNCHER)) {
      throw new StartException(
          "a program that is run as `java File.java` has its classes in memory only, where no child"
              + " can find them: compile it first, or use `./mp run File.java`");
    }
    List<String> options = JvmCommand.options(request.jvmOptions);
    AotCache cache = AotCache.get();
    boolean cached = cache != null && cache.isFor(request);
    boolean checksAot = false;
    if (cache != null && cached) {
      options.addAll(cache.options());
      checksAot = cache.isToBeChecked(request);
      request.onAotMissed = cache::miss;
    }
    options.addAll(JvmCommand.path());
    options.addAll(request.jvmOptions);
    Child child = launch(request, options, checksAot);
    if (cache != null && !cached) {
      cache.makeAfter(child);
    }
    return child;
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
    return launch(request, options, false);
  }

  private static Child launch(LaunchRequest request, List<String> options, boolean checksAot) {
    List<Integer> given = new ArrayList<>();
    try {
      TreeMemory memory = TreeMemory.get();
      int[] ends = UnixSocket.pair();
      given.add(ends[1]);
      FrameSocket control = new FrameSocket(ends[0]);
      try {
        int arguments =
            Descriptors.memoryFile("multiprocessing-arguments", JvmCommand.toFile(options));
        given.add(arguments);
        byte[] told = Preparation.write(request, checksAot);
        int preparation = Descriptors.memoryFile("multiprocessing-preparation", told);
        given.add(preparation);
        Spawner spawner =
            new Spawner(JvmCommand.java(), command(request), environment(request))
                .give(ends[1], memory.fd(), arguments, preparation)
                .directory(request.directory)
                .stdout(request.stdout)
                .stderr(request.stderr);
        return Supervisor.get().start(spawner, request, control);
      } catch (Throwable t) {
        control.close();
        throw t;
      }
    } catch (OsException e) {
      throw new StartException(
          "cannot start " + request.birth.name() + ": " + e.getMessage() + culprit(request), e);
    } finally {
      given.forEach(Descriptors::close);
    }
  }

  /** The system says that a file is missing or closed to us, but not which. */
  private static String culprit(LaunchRequest request) {
    if (!Files.isExecutable(Path.of(JvmCommand.java()))) {
      return "; there is no program " + JvmCommand.java();
    }
    if (request.directory != null && !Files.isDirectory(Path.of(request.directory))) {
      return "; there is no folder " + request.directory;
    }
    for (Spawner.Output output : List.of(request.stdout, request.stderr)) {
      Path file = output.path() == null ? null : Path.of(output.path());
      Path place = file == null || Files.exists(file) ? file : file.getParent();
      if (place != null && !Files.isWritable(place)) {
        return "; cannot write to " + file;
      }
    }
    return "";
  }

  private static List<String> command(LaunchRequest request) {
    List<String> words = new ArrayList<>();
    words.add(JvmCommand.java());
    words.add("@" + ChildMain.argumentsPath());
    words.addAll(JvmCommand.main(request.birth.name()));
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
