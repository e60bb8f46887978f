package multiprocessing.bench.work;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import java.nio.file.Files;
import java.nio.file.Path;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;

/**
 * Waits until the library has made what it makes in the background when a program is new: an AOT
 * cache, and then a better one.
 */
final class AotCaches implements Work {
  private static final long PATIENCE_NANOS = 90_000_000_000L;
  private static final long SETTLED_NANOS = 10_000_000_000L;
  private static final long PAUSE_MILLIS = 500;
  private static final String NONE = "";

  AotCaches() {
    System.setProperty("multiprocessing.aot", "now"); // somebody waits for them
  }

  @Override
  public long run(long count) throws Exception {
    Path answer = Files.createTempFile("multiprocessing-bench", ".maps");
    long start = System.nanoTime();
    try {
      String cache = NONE;
      long since = start;
      while (cache.equals(NONE) || System.nanoTime() - since < SETTLED_NANOS) {
        if (System.nanoTime() - start > PATIENCE_NANOS) {
          throw new IllegalStateException(
              "there is no AOT cache; see the debug log of the library");
        }
        String found = cacheOfChild(answer.toString());
        if (!found.equals(cache)) {
          cache = found;
          since = System.nanoTime();
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    } finally {
      Files.delete(answer);
    }
    return System.nanoTime() - start;
  }

  /** The cache that a new child uses. */
  private static String cacheOfChild(String answer) throws Exception {
    ChildProcess child =
        ChildProcess.builder()
            .target(() -> Files.copy(Path.of("/proc/self/maps"), Path.of(answer), REPLACE_EXISTING))
            .startMethod(StartMethod.SPAWN)
            .start();
    child.join();
    return Files.readAllLines(Path.of(answer)).stream()
        .filter(line -> line.endsWith(".aot"))
        .map(line -> line.substring(line.lastIndexOf('/') + 1))
        .findFirst()
        .orElse(NONE);
  }
}
