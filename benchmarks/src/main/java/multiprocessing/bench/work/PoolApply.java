package multiprocessing.bench.work;

import multiprocessing.pool.ProcessPool;

/** Has a pool of two add 1 to a number, and waits for the sum, again and again. */
final class PoolApply implements Work {
  private final ProcessPool pool = ProcessPool.builder().processes(2).build();

  @Override
  public long run(long count) throws InterruptedException {
    long total = 0;
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      int x = i;
      total += pool.apply(() -> x + 1);
    }
    long spent = System.nanoTime() - start;
    Work.check(total, count * (count + 1) / 2);
    return spent;
  }
}
