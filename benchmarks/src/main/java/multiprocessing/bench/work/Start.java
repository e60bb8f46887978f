package multiprocessing.bench.work;

import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;

/** Starts a process that does nothing, and waits for its end. */
final class Start implements Work {
  private final StartMethod method;
  private final long pauseMillis;

  /**
   * Starts of this kind.
   *
   * @param pauseMillis how long to do nothing before each, which is no part of the time
   */
  Start(StartMethod method, long pauseMillis) {
    this.method = method;
    this.pauseMillis = pauseMillis;
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
