package multiprocessing.bench.work;

import java.util.List;
import java.util.stream.IntStream;
import multiprocessing.pool.ProcessPool;

/** Adds 1 to each of some numbers by the {@code map} of a pool of two. */
final class PoolMap implements Work {
  private final int chunk;
  private final ProcessPool pool = ProcessPool.builder().processes(2).build();
  private final List<Integer> items;

  /** By chunks of that many items; of the pool's own choice if that is 0. */
  PoolMap(int items, int chunk) {
    this.items = IntStream.range(0, items).boxed().toList();
    this.chunk = chunk;
  }

  @Override
  public long run(long count) throws InterruptedException {
    List<Integer> results = List.of();
    long start = System.nanoTime();
    for (long i = 0; i < count; i++) {
      results = chunk == 0 ? pool.map(x -> x + 1, items) : pool.map(x -> x + 1, items, chunk);
    }
    long spent = System.nanoTime() - start;
    long size = items.size();
    Work.check(results.stream().mapToLong(Integer::intValue).sum(), size * (size + 1) / 2);
    return spent;
  }
}
