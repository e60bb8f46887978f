package multiprocessing.bench.work;

import java.util.concurrent.BrokenBarrierException;
import multiprocessing.process.ChildProcess;
import multiprocessing.sync.ProcessBarrier;

/** Some processes wait for each other at a barrier, again and again. */
final class BarrierOf implements Work {
  private final int parties;
  private final ProcessBarrier barrier;

  BarrierOf(int parties) {
    this.parties = parties;
    ProcessBarrier barrier = new ProcessBarrier(parties);
    for (int i = 1; i < parties; i++) {
      ChildProcess.builder().target(() -> comeToo(barrier)).daemon(true).start();
    }
    this.barrier = barrier;
  }

  private static void comeToo(ProcessBarrier barrier) throws Exception {
    while (true) {
      barrier.await();
    }
  }

  @Override
  public long run(long count) throws InterruptedException {
    long start = System.nanoTime();
    try {
      for (long i = 0; i < count; i++) {
        barrier.await();
      }
    } catch (BrokenBarrierException e) {
      throw new IllegalStateException(e);
    }
    long spent = System.nanoTime() - start;
    Work.check(barrier.parties(), parties);
    return spent;
  }
}
