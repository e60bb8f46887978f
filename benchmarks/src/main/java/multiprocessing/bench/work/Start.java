package multiprocessing.bench.work;

import java.util.concurrent.TimeUnit;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;

/** Starts a process that does nothing, and waits for its end. */
final class Start implements Work {
  private static final long WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(8);

  private final StartMethod method;
  private final long pauseMillis;

  /**
   * Starts of this kind.
   *
   * @param pauseMillis how long to do nothing before each, which is no part of the time
   */
  Start(StartMethod method, long pauseMillis) throws Exception {
    this.method = method;
    this.pauseMillis = pauseMillis;
    if (pauseMillis > 0) {
      warmUp(method);
    }
  }

  /** Starts some in a row: with pauses it would take minutes until the code is compiled. */
  static void warmUp(StartMethod method) throws Exception {
    new Start(method, 0).warmUp(WARM_UP_NANOS);
  }

  @Override
  public long run(long count) throws InterruptedException {
    long spent = 0;
    for (long i = 0; i < count; i++) {
      if (pauseMillis > 0) {
        Thread.sleep(pauseMillis);
      }
      spent += once(method);
    }
    return spent;
  }

  /** Starts one; gives the nanoseconds until it has been waited for. */
  static long once(StartMethod method) throws InterruptedException {
    long start = System.nanoTime();
    ChildProcess child = ChildProcess.builder().target(() -> {}).startMethod(method).start();
    child.join();
    Work.check(child.exitCode().orElseThrow(), 0);
    return System.nanoTime() - start;
  }
}
