package multiprocessing.bench.work;

import java.nio.file.Files;
import java.nio.file.Path;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;

/**
 * How long it takes from the call of {@code start} to the first instruction of the target. Both
 * processes read one clock, which {@code System.nanoTime} is on Linux.
 */
final class StartLatency implements Work {
  private final StartMethod method;
  private final long pauseMillis;
  private final Path answer = Files.createTempFile("multiprocessing-bench", ".nanos");

  StartLatency(StartMethod method, long pauseMillis) throws Exception {
    this.method = method;
    this.pauseMillis = pauseMillis;
    answer.toFile().deleteOnExit();
    Start.warmUp(method);
  }

  @Override
  public long run(long count) throws Exception {
    String file = answer.toString();
    long spent = 0;
    for (long i = 0; i < count; i++) {
      Thread.sleep(pauseMillis);
      ChildProcess child =
          ChildProcess.builder()
              .target(() -> report(System.nanoTime(), file))
              .startMethod(method)
              .build();
      long start = System.nanoTime();
      child.start();
      child.join();
      Work.check(child.exitCode().orElseThrow(), 0);
      spent += Long.parseLong(Files.readString(answer)) - start;
    }
    return spent;
  }

  private static void report(long nanos, String file) throws Exception {
    Files.writeString(Path.of(file), Long.toString(nanos));
  }
}
