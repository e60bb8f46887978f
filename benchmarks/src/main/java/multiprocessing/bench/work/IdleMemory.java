package multiprocessing.bench.work;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;

/** The memory of a child that sleeps, in bytes, as the kernel counts it ({@code smaps_rollup}). */
final class IdleMemory implements Work {
  /** What would be free if the child alone were gone. */
  static final List<String> PRIVATE = List.of("Private_Clean:", "Private_Dirty:");

  /** The same, and of each page that it shares with others its part. */
  static final List<String> SHARE = List.of("Pss:");

  private static final long SETTLED_MILLIS = 200;
  private static final long SLEEP_MILLIS = 60_000;

  private final StartMethod method;
  private final List<String> entries;
  private final Path sign;

  IdleMemory(StartMethod method, List<String> entries) throws Exception {
    this.method = method;
    this.entries = entries;
    this.sign = Files.createTempDirectory("multiprocessing-bench").resolve("sleeps");
    sign.toFile().getParentFile().deleteOnExit();
  }

  @Override
  public long run(long count) throws Exception {
    long bytes = 0;
    for (long i = 0; i < count; i++) {
      bytes += once();
    }
    return bytes;
  }

  private long once() throws Exception {
    String file = sign.toString();
    ChildProcess child =
        ChildProcess.builder().target(() -> sleep(file)).startMethod(method).start();
    try {
      while (!Files.exists(sign)) {
        if (child.exitCode().isPresent()) {
          throw new IllegalStateException("the child ended with " + child.exitCode());
        }
        Thread.sleep(1);
      }
      Files.delete(sign);
      Thread.sleep(SETTLED_MILLIS); // what its virtual machine still compiles
      return read(Path.of("/proc", "" + child.pid().orElseThrow(), "smaps_rollup"), entries);
    } finally {
      child.kill();
      child.join();
    }
  }

  private static void sleep(String sign) throws Exception {
    Files.createFile(Path.of(sign));
    Thread.sleep(SLEEP_MILLIS);
  }

  /** The bytes of some entries of a file of the kernel's. */
  static long read(Path rollup, List<String> entries) throws Exception {
    long kilobytes = 0;
    for (String line : Files.readAllLines(rollup)) {
      String[] words = line.split(" +", -1);
      if (entries.contains(words[0])) {
        kilobytes += Long.parseLong(words[1]);
      }
    }
    return kilobytes * 1024;
  }
}
