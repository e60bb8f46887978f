package multiprocessing.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds or makes the programs of the sides; what it makes is gone when it is closed. */
final class Toolbox implements AutoCloseable {
  private static final long VERSION_SECONDS = 20;

  private final Path folder;
  private final @Nullable String python;
  private final @Nullable Path limits;

  private Toolbox(Path folder, @Nullable String python, @Nullable Path limits) {
    this.folder = folder;
    this.python = python;
    this.limits = limits;
  }

  static Toolbox open() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("multiprocessing-bench");
    unpack(folder, "sides.py");
    Path source = unpack(folder, "limits.c");
    Path limits = folder.resolve("limits");
    boolean compiled =
        output("gcc", "-O2", "-o", limits.toString(), source.toString()).isPresent()
            && Files.isExecutable(limits);
    // Of several Pythons, the one that says where it is: a shim would be started each time anew.
    Optional<String> python = output("python3", "-c", "import sys; print(sys.executable)");
    Toolbox toolbox = new Toolbox(folder, python.orElse(null), compiled ? limits : null);
    Runtime.getRuntime().addShutdownHook(new Thread(toolbox::close)); // for Ctrl-C
    return toolbox;
  }

  private static Path unpack(Path folder, String name) throws IOException {
    Path file = folder.resolve(name);
    try (InputStream content =
        Objects.requireNonNull(Toolbox.class.getResourceAsStream("/" + name), name)) {
      Files.copy(content, file);
    }
    return file;
  }

  /** The command line that does a work, or empty if there is no such program here. */
  Optional<List<String>> command(Program program, String work) {
    return switch (program) {
      case JAVA ->
          Optional.of(
              List.of(
                  System.getProperty("java.home") + "/bin/java",
                  "--enable-native-access=ALL-UNNAMED",
                  "--sun-misc-unsafe-memory-access=allow",
                  "-cp",
                  System.getProperty("java.class.path"),
                  "multiprocessing.bench.work.Worker",
                  work));
      case PYTHON ->
          Optional.ofNullable(python)
              .map(path -> List.of(path, folder.resolve("sides.py").toString(), work));
      case C -> Optional.ofNullable(limits).map(path -> List.of(path.toString(), work));
    };
  }

  /** Why there is no such program here. */
  static String remedy(Program program) {
    return switch (program) {
      case JAVA -> "";
      case PYTHON -> "there is no python3 on the PATH";
      case C -> "there is no gcc on the PATH, or it does not work";
    };
  }

  /** What the program says its version is; empty if it is not there. */
  Optional<String> version(Program program) {
    return switch (program) {
      case JAVA ->
          Optional.of(
              System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
      case PYTHON ->
          Optional.ofNullable(python)
              .flatMap(
                  path ->
                      output(
                          path,
                          "-c",
                          "import platform as p;"
                              + " print(p.python_implementation(), p.python_version())"));
      case C ->
          limits == null
              ? Optional.empty()
              : output("gcc", "-dumpfullversion").map(version -> "gcc " + version);
    };
  }

  /** What a command writes, if it succeeds. */
  private static Optional<String> output(String... command) {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      process.getOutputStream().close();
      String text =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (!process.waitFor(VERSION_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return Optional.empty();
      }
      return process.exitValue() == 0 ? Optional.of(text) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      System.err.println("bench: cannot delete " + folder + ": " + e);
    }
  }
}
