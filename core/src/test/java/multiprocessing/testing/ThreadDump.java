package multiprocessing.testing;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Thread dumps of running JVMs, this one included. */
final class ThreadDump {
  private static final Path JCMD = Path.of(System.getProperty("java.home"), "bin", "jcmd");
  private static final long PATIENCE_SECONDS = 10;

  private ThreadDump() {}

  /** Prints what every thread of that JVM does; never fails, and ends in bounded time. */
  static void print(ProcessHandle jvm, PrintStream out) {
    out.println("==== process " + jvm.pid() + " " + jvm.info().commandLine().orElse(""));
    try {
      // By way of a file: a pipe could fill up while this thread waits for the end.
      Path text = Files.createTempFile("threads", ".txt");
      try {
        dump(jvm.pid(), text);
        out.write(Files.readAllBytes(text));
      } finally {
        Files.delete(text);
      }
    } catch (IOException e) {
      out.println("no thread dump: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      out.println("no thread dump: interrupted");
    }
    out.flush();
  }

  private static void dump(long pid, Path text) throws IOException, InterruptedException {
    Process jcmd =
        new ProcessBuilder(JCMD.toString(), Long.toString(pid), "Thread.print", "-l")
            .redirectErrorStream(true)
            .redirectOutput(text.toFile())
            .start();
    if (!jcmd.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      jcmd.destroyForcibly().waitFor();
      Files.writeString(text, "no thread dump within " + PATIENCE_SECONDS + " s\n");
    }
  }
}
