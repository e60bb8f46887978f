package multiprocessing.internal.os;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Repository;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The C helper without a JVM: {@code fork_test.c} forks itself, and looks at what its threads have
 * become. For the architecture of this machine; and by qemu for the other one, where there are
 * qemu-user and Debian's cross compiler.
 */
@ProcessTest
@Deadline(seconds = 900)
final class NativeForkTest {
  private static final String NATIVE =
      System.getProperty("os.arch").equals("amd64") ? "x86_64" : System.getProperty("os.arch");
  private static final Path SOURCES = Repository.root().resolve("core/src");

  @TempDir Path folder;

  static List<String> architectures() {
    List<String> all = new ArrayList<>(List.of(NATIVE));
    String other = NATIVE.equals("x86_64") ? "aarch64" : "x86_64";
    if (command(other + "-linux-gnu-gcc") != null && emulator(other) != null) {
      all.add(other);
    }
    return all;
  }

  private static @Nullable String command(String name) {
    for (String place : System.getenv("PATH").split(File.pathSeparator, -1)) {
      Path file = Path.of(place, name);
      if (Files.isExecutable(file)) {
        return file.toString();
      }
    }
    return null;
  }

  private static @Nullable String emulator(String architecture) {
    String dynamic = command("qemu-" + architecture);
    return dynamic != null ? dynamic : command("qemu-" + architecture + "-static");
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void allThreadsGoOnInTheChild(String architecture) throws Exception {
    boolean isNative = architecture.equals(NATIVE);
    assertForks(architecture, isNative ? 100 : 25);
  }

  @Test
  @Tag("stress")
  void allThreadsGoOnInAThousandChildren() throws Exception {
    assertForks(NATIVE, 1000);
  }

  private void assertForks(String architecture, int times) throws Exception {
    List<String> command = new ArrayList<>();
    if (!architecture.equals(NATIVE)) {
      String emulator = emulator(architecture);
      command.addAll(
          List.of(String.valueOf(emulator), "-L", "/usr/" + architecture + "-linux-gnu"));
    }
    command.addAll(List.of(build(architecture), "" + times));
    assertEquals(times + " forks\n", run(command));
  }

  /** Builds the library and the program; gives the path of the program. */
  private String build(String architecture) throws Exception {
    Path sources = SOURCES.resolve("main/c");
    run(List.of(sources.resolve("build.sh").toString(), folder.toString()));
    Path out = folder.resolve(architecture);
    Path program = out.resolve("fork_test");
    boolean isNative = architecture.equals(NATIVE);
    run(
        List.of(
            isNative ? "cc" : architecture + "-linux-gnu-gcc",
            isNative ? "-DNATIVE" : "-DEMULATED",
            "-std=gnu11",
            "-O2",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-I" + sources,
            "-o" + program,
            SOURCES.resolve("test/c/fork_test.c").toString(),
            sources.resolve("stop_" + architecture + ".S").toString(),
            "-L" + out,
            "-l:libmultiprocessing.so",
            "-Wl,-rpath,$ORIGIN",
            "-pthread",
            "-lm"));
    return program.toString();
  }

  private String run(List<String> command) throws IOException, InterruptedException {
    Path out = folder.resolve("out");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    int code = builder.start().waitFor();
    String text = Files.readString(out);
    assertEquals(0, code, command.getFirst() + ": " + text);
    return text;
  }
}
