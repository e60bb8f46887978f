package multiprocessing.bench.work;

import multiprocessing.process.ChildProcess;
import multiprocessing.queue.ProcessQueue;

/** A child puts ints into a queue without bound, and this process takes them. */
final class QueueThroughput implements Work {
  private final ProcessQueue<Long> orders = new ProcessQueue<>();
  private final ProcessQueue<Integer> queue = new ProcessQueue<>();

  QueueThroughput() {
    ProcessQueue<Long> orders = this.orders;
    ProcessQueue<Integer> queue = this.queue;
    ChildProcess.builder().target(() -> produce(orders, queue)).daemon(true).start();
  }

  private static void produce(ProcessQueue<Long> orders, ProcessQueue<Integer> queue)
      throws InterruptedException {
    while (true) {
      long count = orders.take();
      for (int i = 0; i < count; i++) {
        queue.put(i);
      }
    }
  }

  @Override
  public long run(long count) throws InterruptedException {
    long total = 0;
    long start = System.nanoTime();
    orders.put(count);
    for (long i = 0; i < count; i++) {
      total += queue.take();
    }
    long spent = System.nanoTime() - start;
    Work.check(total, count * (count - 1) / 2);
    return spent;
  }
}
