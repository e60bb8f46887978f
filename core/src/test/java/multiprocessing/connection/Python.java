package multiprocessing.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A Python program that runs beside a test. What it prints is read line by line. */
final class Python implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;

  private Python(Process process) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Starts a program with arguments; its complaints go where those of the test go. */
  static Python start(String program, String... arguments) {
    List<String> command = new ArrayList<>(List.of("python3", "-u", "-c", program));
    command.addAll(List.of(arguments));
    try {
      return new Python(
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    } catch (IOException e) {
      throw new UncheckedIOException("these tests need python3", e);
    }
  }

  String line() throws IOException {
    String line = output.readLine();
    if (line == null) {
      throw new AssertionError("the Python program ended without saying more");
    }
    return line;
  }

  void requireSuccess() throws InterruptedException {
    assertEquals(0, process.waitFor(), "exit code of python3");
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly().onExit().join();
    output.close();
    process.getOutputStream().close();
    process.getErrorStream().close();
  }
}
