package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import multiprocessing.testing.Children;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.io.TempDir;

/** What tests of children have in common: children that do and say what is wanted. */
@ProcessTest
abstract class ChildTests {
  static final int SIGINT = 2;
  static final int SIGKILL = 9;
  static final int SIGTERM = 15;

  private static final long LONG_MILLIS = 600_000;

  final StartMethod method;

  @TempDir Path folder;

  ChildTests(StartMethod method) {
    this.method = method;
  }

  ChildProcess.Builder child(SerializableRunnable task) {
    return ChildProcess.builder().startMethod(method).target(task);
  }

  int run(SerializableRunnable task) throws InterruptedException {
    return Children.exitCode(child(task).start());
  }

  /** Runs a task in a child that writes what it returns to a file, and gives that. */
  String ask(SerializableSupplier<String> question) throws Exception {
    String file = folder.resolve("answer").toString();
    assertEquals(0, run(() -> Files.writeString(Path.of(file), question.get())));
    return Files.readString(Path.of(file));
  }

  /** What a child writes to standard error until it ends with an exit code. */
  String errorsOf(ChildProcess.Builder child, int code) throws Exception {
    if (method == StartMethod.IN_PROCESS) {
      PrintStream before = System.err;
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      System.setErr(new PrintStream(text, true));
      try {
        assertEquals(code, Children.exitCode(child.start()));
      } finally {
        System.setErr(before);
      }
      return text.toString(Charset.defaultCharset());
    }
    Path errors = Files.createTempFile(folder, "errors", "");
    ProcessOptions options = ProcessOptions.builder().stderr(Redirect.to(errors.toFile())).build();
    assertEquals(code, Children.exitCode(child.options(options).start()));
    return Files.readString(errors);
  }

  static void sleepLong() throws InterruptedException {
    Thread.sleep(LONG_MILLIS);
  }

  /** A child that is in its task. */
  ChildProcess sleeper() throws Exception {
    String file = Files.createTempFile(folder, "up", "").toString();
    ChildProcess sleeper =
        child(
                () -> {
                  Files.delete(Path.of(file));
                  sleepLong();
                })
            .start();
    Children.await(() -> !Files.exists(Path.of(file)));
    return sleeper;
  }

  static void unchecked(SerializableRunnable code) {
    code.run();
  }
}
