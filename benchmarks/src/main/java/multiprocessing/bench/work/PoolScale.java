package multiprocessing.bench.work;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.IntStream;
import multiprocessing.pool.ProcessPool;

/**
 * Has a pool of so many processes do 200 tasks of a millisecond of processor time each. Before it
 * is measured it does so for a while: each worker's virtual machine compiles the task for itself,
 * which in 16 of them takes more time at first than the tasks do.
 */
final class PoolScale implements Work {
  private static final int TASKS = 200;
  private static final long NANOS = 1_000_000;
  private static final long WARM_UP_NANOS = 10_000_000_000L;

  private final ProcessPool pool;
  private final List<Integer> items = IntStream.range(0, TASKS).boxed().toList();

  PoolScale(int processes) throws Exception {
    pool = ProcessPool.builder().processes(processes).build();
    warmUp(WARM_UP_NANOS);
  }

  private static int compute(int x) {
    long start = processorNanos();
    while (processorNanos() - start < NANOS) {
      Thread.onSpinWait();
    }
    return x;
  }

  private static long processorNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  @Override
  public long run(long count) throws InterruptedException {
    long start = System.nanoTime();
    for (long i = 0; i < count; i++) {
      Work.check(pool.map(PoolScale::compute, items, 1).size(), TASKS);
    }
    return System.nanoTime() - start;
  }
}
