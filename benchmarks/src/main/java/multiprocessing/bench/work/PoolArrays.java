package multiprocessing.bench.work;

import java.util.List;
import java.util.stream.Stream;
import multiprocessing.pool.ProcessPool;

/** Sends 64 arrays of 1 MiB through the {@code map} of a pool of two. */
final class PoolArrays implements Work {
  private static final int ARRAYS = 64;
  private static final int BYTES = 1 << 20;

  private final ProcessPool pool = ProcessPool.builder().processes(2).build();
  private final List<byte[]> items = Stream.generate(() -> new byte[BYTES]).limit(ARRAYS).toList();

  @Override
  public long run(long count) throws InterruptedException {
    List<byte[]> results = List.of();
    long start = System.nanoTime();
    for (long i = 0; i < count; i++) {
      results = pool.map(x -> x, items);
    }
    long spent = System.nanoTime() - start;
    Work.check(results.stream().mapToLong(each -> each.length).sum(), (long) ARRAYS * BYTES);
    return spent;
  }
}
