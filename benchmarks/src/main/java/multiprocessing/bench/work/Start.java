package multiprocessing.bench.work;

import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;

/** Starts a process that does nothing, and waits for its end. */
final class Start implements Work {
  private final StartMethod method;

  Start(StartMethod method) {
    this.method = method;
  }

  @Override
  public long run(long count) throws InterruptedException {
    long start = System.nanoTime();
    for (long i = 0; i < count; i++) {
      ChildProcess child = ChildProcess.builder().target(() -> {}).startMethod(method).start();
      child.join();
      Work.check(child.exitCode().orElseThrow(), 0);
    }
    return System.nanoTime() - start;
  }
}
