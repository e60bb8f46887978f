package multiprocessing.bench.work;

import java.util.concurrent.BrokenBarrierException;
import multiprocessing.process.ChildProcess;
import multiprocessing.sync.ProcessBarrier;

/** Two processes wait for each other at a barrier, again and again. */
final class BarrierOfTwo implements Work {
  private final ProcessBarrier barrier = new ProcessBarrier(2);

  BarrierOfTwo() {
    ProcessBarrier barrier = this.barrier;
    ChildProcess.builder().target(() -> comeToo(barrier)).daemon(true).start();
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
    Work.check(barrier.parties(), 2);
    return spent;
  }
}
