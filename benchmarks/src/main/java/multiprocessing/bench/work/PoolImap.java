package multiprocessing.bench.work;

import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import multiprocessing.pool.ProcessPool;

/** Adds 1 to each of some numbers by the {@code imap} of a pool of two. */
final class PoolImap implements Work {
  private final ProcessPool pool = ProcessPool.builder().processes(2).build();
  private final List<Integer> items;

  PoolImap(int items) {
    this.items = IntStream.range(0, items).boxed().toList();
  }

  @Override
  public long run(long count) {
    long total = 0;
    long start = System.nanoTime();
    for (long i = 0; i < count; i++) {
      for (Iterator<Integer> results = pool.imap(x -> x + 1, items).iterator();
          results.hasNext(); ) {
        total += results.next();
      }
    }
    long spent = System.nanoTime() - start;
    Work.check(total, count * items.size() * (items.size() + 1) / 2);
    return spent;
  }
}
