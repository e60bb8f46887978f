package multiprocessing.bench.work;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import java.nio.file.Files;
import java.nio.file.Path;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;

/** What the library makes in the background when it is first used: not while it is measured. */
final class AotCaches {
  private static final long PATIENCE_NANOS = 30_000_000_000L;
  private static final int SETTLED = 3;

  private AotCaches() {}

  /** Starts children until several in a row find the AOT cache; gives up after a while. */
  static void await() throws Exception {
    Path answer = Files.createTempFile("multiprocessing-bench", ".maps");
    try {
      long end = System.nanoTime() + PATIENCE_NANOS;
      for (int found = 0; found < SETTLED && System.nanoTime() < end; ) {
        found = isUsed(answer.toString()) ? found + 1 : 0;
        if (found == 0) {
          Thread.sleep(200);
        }
      }
    } finally {
      Files.delete(answer);
    }
  }

  private static boolean isUsed(String answer) throws Exception {
    ChildProcess child =
        ChildProcess.builder()
            .target(() -> Files.copy(Path.of("/proc/self/maps"), Path.of(answer), REPLACE_EXISTING))
            .startMethod(StartMethod.SPAWN)
            .start();
    child.join();
    return Files.readString(Path.of(answer)).contains(".aot\n");
  }
}
