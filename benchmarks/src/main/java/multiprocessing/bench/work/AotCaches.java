package multiprocessing.bench.work;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;

/**
 * Waits until the library has made what it makes in the background when a program is new: an AOT
 * cache, and then a better one, which learns the tasks of the other works.
 */
final class AotCaches implements Work {
  private static final long PATIENCE_NANOS = 150_000_000_000L;
  private static final long SETTLED_NANOS = 10_000_000_000L;
  private static final long PAUSE_MILLIS = 500;
  private static final String NONE = "";

  AotCaches() {
    System.setProperty("multiprocessing.aot", "now"); // somebody waits for them
  }

  @Override
  public long run(long count) throws Exception {
    List<Work> works =
        List.of(
            new Start(StartMethod.SPAWN, 0),
            new StartLatency(StartMethod.SPAWN, 0),
            new IdleMemory(StartMethod.SPAWN, IdleMemory.SHARE));
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
        for (Work each : works) {
          each.run(1);
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

  /** The file of the cache that a new child uses, as the list of what is mapped tells it. */
  private static String cacheOfChild(String answer) throws Exception {
    ChildProcess child =
        ChildProcess.builder()
            .target(() -> Files.copy(Path.of("/proc/self/maps"), Path.of(answer), REPLACE_EXISTING))
            .startMethod(StartMethod.SPAWN)
            .start();
    child.join();
    return Files.readAllLines(Path.of(answer)).stream()
        .filter(line -> line.endsWith(".aot"))
        .map(line -> line.substring(line.indexOf(':'))) // device, number and name
        .findFirst()
        .orElse(NONE);
  }
}
