package multiprocessing.process;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import multiprocessing.testing.Children;

/** A virtual machine of its own, the root of its own tree, for tests of how a tree ends. */
final class Root {
  private final Process process;
  private final Path folder;

  private Root(Process process, Path folder) {
    this.process = process;
    this.folder = folder;
  }

  /** What may differ from the virtual machine of the test. */
  static final class Setup {
    private final Path folder;
    private final List<String> options = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private String classPath = System.getProperty("java.class.path");

    /** The folder gets the output, and is the program's first argument. */
    Setup(Path folder) {
      this.folder = folder;
    }

    Setup classPath(String path) {
      classPath = path;
      return this;
    }

    Setup options(String... more) {
      options.addAll(List.of(more));
      return this;
    }

    Setup environment(String name, String value) {
      environment.put(name, value);
      return this;
    }

    /** Runs a class in a new session, as a terminal does. */
    Root start(Class<?> program, String... arguments) throws IOException {
      // A shell ignores SIGINT for what it starts in the background; a build may be started so.
      List<String> command =
          new ArrayList<>(List.of("setsid", "env", "--default-signal=INT", java()));
      command.add("--enable-native-access=ALL-UNNAMED");
      command.addAll(options);
      command.add("-cp");
      command.add(classPath);
      command.add(program.getName());
      command.add(folder.toString());
      command.addAll(List.of(arguments));
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectOutput(folder.resolve("out").toFile())
              .redirectError(folder.resolve("err").toFile());
      builder.environment().putAll(environment);
      return new Root(builder.start(), folder);
    }
  }

  static Root start(Path folder, Class<?> program, String... arguments) throws IOException {
    return new Setup(folder).start(program, arguments);
  }

  private static String java() {
    return System.getProperty("java.home") + File.separator + "bin" + File.separator + "java";
  }

  int exitCode() throws InterruptedException {
    return process.waitFor();
  }

  Stream<ProcessHandle> children() {
    return process.toHandle().children();
  }

  String out() throws IOException {
    return Files.readString(folder.resolve("out"));
  }

  String err() throws IOException {
    return Files.readString(folder.resolve("err"));
  }

  void signal(String name) throws Exception {
    kill(name, process.pid());
  }

  static void kill(String name, long pid) throws Exception {
    if (new ProcessBuilder("kill", "-" + name, "" + pid).start().waitFor() != 0) {
      throw new IllegalStateException("kill -" + name + " " + pid);
    }
  }

  /** Waits until the program has written as many pids as this into its folder, and gives them. */
  List<Long> pids(int count) throws InterruptedException {
    Children.await(() -> pids().size() == count);
    return pids();
  }

  private List<Long> pids() {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("pid-"))
          .map(name -> Long.valueOf(name.substring("pid-".length())))
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** For programs: leaves the pid of the calling process where {@link #pids} finds it. */
  static void report(String folder) throws IOException {
    Files.createFile(Path.of(folder, "pid-" + ProcessInfo.current().pid().orElseThrow()));
  }

  /** Whether a process runs; a zombie does not, which the container's init may never reap. */
  static boolean runs(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return "ZX".indexOf(stat.charAt(stat.lastIndexOf(')') + 2)) < 0;
    } catch (IOException e) {
      return false;
    }
  }

  static void awaitGone(List<Long> pids) throws InterruptedException {
    for (long pid : pids) {
      Children.await(() -> !runs(pid));
    }
  }
}
