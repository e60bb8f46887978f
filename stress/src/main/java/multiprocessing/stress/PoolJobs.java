package multiprocessing.stress;

import static multiprocessing.stress.Job.require;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import multiprocessing.error.WorkerLostException;
import multiprocessing.pool.ProcessPool;
import multiprocessing.pool.TaskFuture;
import multiprocessing.process.StartMethod;

/** Pools, of which workers die. */
final class PoolJobs {
  private PoolJobs() {}

  /** All results, in their order. */
  static void map(StartMethod method, Random random) throws InterruptedException {
    List<Integer> items = IntStream.range(0, random.nextInt(2_000)).boxed().toList();
    try (ProcessPool pool = pool(method, 2)) {
      List<Integer> squares = pool.map(x -> x * x, items);
      require(squares.equals(items.stream().map(x -> x * x).toList()), "a wrong square");
    }
  }

  /** A task that takes its worker along fails alone. */
  static void death(StartMethod method, Random random) throws Exception {
    try (ProcessPool pool = pool(method, 2)) {
      int deadly = random.nextInt(6);
      List<TaskFuture<Integer>> futures = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        int number = i;
        futures.add(
            pool.submit(
                () -> {
                  if (number == deadly) {
                    Runtime.getRuntime().halt(3);
                  }
                  return number;
                }));
      }
      for (int i = 0; i < 6; i++) {
        try {
          int value = futures.get(i).get(60, TimeUnit.SECONDS);
          require(value == i && i != deadly, "task", i, "gave", value);
        } catch (ExecutionException e) {
          boolean isExpected = i == deadly && e.getCause() instanceof WorkerLostException;
          require(isExpected, "task", i, "failed:", String.valueOf(e.getCause()));
        }
      }
    }
  }

  /** A pool that is dropped with work in hand. */
  static void terminate(StartMethod method, Random random) throws InterruptedException {
    ProcessPool pool = pool(method, 1 + random.nextInt(2));
    for (int i = 0; i < 20; i++) {
      TaskFuture<Integer> _ =
          pool.submit(
              () -> {
                TimeUnit.HOURS.sleep(1);
                return 1;
              });
    }
    TimeUnit.MICROSECONDS.sleep(random.nextInt(50_000));
    pool.terminate();
    require(pool.awaitTermination(60, TimeUnit.SECONDS), "a terminated pool goes on");
  }

  private static ProcessPool pool(StartMethod method, int processes) {
    return ProcessPool.builder().startMethod(method).processes(processes).build();
  }
}
