package multiprocessing.bench.work;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import net.viktorc.pp4j.api.JavaProcessExecutorService;
import net.viktorc.pp4j.impl.ProcessExecutors;

/** The works of pools, done by PP4J: pools of two JVMs. */
final class Pp4jPool {
  private Pp4jPool() {}

  /** What a worker is asked for; it travels by Java's serialization. */
  private interface Task<T> extends Callable<T>, Serializable {}

  private static JavaProcessExecutorService pool(int processes) throws InterruptedException {
    return ProcessExecutors.newFixedJavaProcessPool(processes);
  }

  /** Has it add 1 to a number, and waits for the sum, again and again. */
  static Work apply() throws InterruptedException {
    JavaProcessExecutorService pool = pool(2);
    return count -> {
      long total = 0;
      long start = System.nanoTime();
      for (int i = 0; i < count; i++) {
        total += pool.submit(increment(i)).get();
      }
      long spent = System.nanoTime() - start;
      Work.check(total, count * (count + 1) / 2);
      return spent;
    };
  }

  private static Task<Integer> increment(int x) {
    return () -> x + 1;
  }

  /** Adds 1 to each of some numbers, one task for each chunk of them. */
  static Work map(int items, int chunk) throws InterruptedException {
    JavaProcessExecutorService pool = pool(2);
    return count -> {
      long total = 0;
      long start = System.nanoTime();
      for (long i = 0; i < count; i++) {
        List<Future<int[]>> results = new ArrayList<>();
        for (int from = 0; from < items; from += chunk) {
          results.add(pool.submit(increments(IntStream.range(from, from + chunk).toArray())));
        }
        for (Future<int[]> result : results) {
          total += IntStream.of(result.get()).asLongStream().sum();
        }
      }
      long spent = System.nanoTime() - start;
      Work.check(total, count * items * (items + 1) / 2);
      return spent;
    };
  }

  private static Task<int[]> increments(int[] chunk) {
    return () -> IntStream.of(chunk).map(x -> x + 1).toArray();
  }

  /** Sends arrays of 1 MiB there and back. */
  static Work arrays(int arrays) throws InterruptedException {
    JavaProcessExecutorService pool = pool(2);
    byte[] item = new byte[1 << 20];
    return count -> {
      long total = 0;
      long start = System.nanoTime();
      for (long i = 0; i < count; i++) {
        List<Future<byte[]>> results = new ArrayList<>();
        for (int each = 0; each < arrays; each++) {
          results.add(pool.submit(itself(item)));
        }
        for (Future<byte[]> result : results) {
          total += result.get().length;
        }
      }
      long spent = System.nanoTime() - start;
      Work.check(total, count * arrays * item.length);
      return spent;
    };
  }

  private static Task<byte[]> itself(byte[] item) {
    return () -> item;
  }

  /** Makes a pool of one process, asks it for nothing, and waits for its end. */
  static Work start() {
    return count -> {
      long start = System.nanoTime();
      for (long i = 0; i < count; i++) {
        JavaProcessExecutorService pool = pool(1);
        Task<Integer> nothing = () -> 0;
        Work.check(pool.submit(nothing).get(), 0);
        pool.shutdown();
        Work.check(pool.awaitTermination(1, java.util.concurrent.TimeUnit.MINUTES) ? 1 : 0, 1);
      }
      return System.nanoTime() - start;
    };
  }
}
