package multiprocessing.bench.work;

import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import multiprocessing.pool.ProcessPool;

/** Adds 1 to each of 100,000 numbers by the {@code imap} of a pool of two. */
final class PoolImap implements Work {
  private static final int ITEMS = 100_000;

  private final ProcessPool pool = ProcessPool.builder().processes(2).build();
  private final List<Integer> items = IntStream.range(0, ITEMS).boxed().toList();

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
    Work.check(total, count * ITEMS * (ITEMS + 1) / 2);
    return spent;
  }
}
