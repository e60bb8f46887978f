package multiprocessing.pool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Looks, now and then, at how much memory this process has for itself. */
final class MemoryGuard {
  private static final long EVERY_NANOS = 100_000_000;
  private static final Path DETAILS = Path.of("/proc/self/smaps_rollup");
  private static final Path STATUS = Path.of("/proc/self/status");

  private final long limit;
  private long looked = System.nanoTime() - EVERY_NANOS;
  private boolean told;

  MemoryGuard(long limit) {
    this.limit = limit;
  }

  /** How much it has if that is more than the limit, once; else 0. */
  long excess() {
    long now = System.nanoTime();
    if (told || now - looked < EVERY_NANOS) {
      return 0;
    }
    looked = now;
    long bytes = privateBytes();
    told = bytes > limit;
    return told ? bytes : 0;
  }

  /**
   * What no other process has a part in: not what a fork shares with its zygote, nor the tree's.
   */
  static long privateBytes() {
    try {
      return sum(DETAILS, "Private_Clean:", "Private_Dirty:");
    } catch (IOException e) {
      try {
        return sum(STATUS, "RssAnon:"); // an old kernel
      } catch (IOException none) {
        return 0;
      }
    }
  }

  private static long sum(Path file, String... fields) throws IOException {
    long kibibytes = 0;
    for (String line : Files.readAllLines(file)) {
      for (String field : fields) {
        if (line.startsWith(field)) {
          String number = line.substring(field.length()).strip();
          kibibytes += Long.parseLong(number.substring(0, number.indexOf(' ')));
        }
      }
    }
    return kibibytes * 1024;
  }
}
