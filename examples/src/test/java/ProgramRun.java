import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;

/** What a program did that ran as users run it: in a virtual machine of its own. */
@NullMarked
record ProgramRun(int exitCode, List<String> out, List<String> err) {
  ProgramRun {
    out = List.copyOf(out);
    err = List.copyOf(err);
  }

  /** A command that runs a program on the class path of this test. */
  static ProcessBuilder java(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path")));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command);
  }

  /** Runs a command in a folder of its own. */
  static ProgramRun of(ProcessBuilder command, Path folder)
      throws IOException, InterruptedException {
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Path work = Files.createDirectories(folder.resolve("work"));
    Process process =
        command
            .directory(work.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      assertTrue(
          process.waitFor(100, TimeUnit.SECONDS), () -> command.command().getLast() + " hangs");
    } finally {
      process.destroyForcibly();
    }
    List<String> errors = command.redirectErrorStream() ? List.of() : Files.readAllLines(err);
    return new ProgramRun(process.exitValue(), Files.readAllLines(out), errors);
  }

  void succeeded() {
    assertEquals(0, exitCode, this::toString);
  }

  void printed(String expected) {
    assertEquals(expected, String.join("\n", out) + "\n", this::toString);
  }

  void printedInAnyOrder(String expected) {
    assertEquals(expected.lines().sorted().toList(), out.stream().sorted().toList());
  }

  /** Takes the lines that match, each of which must be there once. */
  Set<String> matching(String regex) {
    Set<String> found = new TreeSet<>();
    for (String line : out) {
      if (line.matches(regex)) {
        assertTrue(found.add(line), () -> "twice: " + line);
      }
    }
    return found;
  }
}
