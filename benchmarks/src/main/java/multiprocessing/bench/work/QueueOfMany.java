package multiprocessing.bench.work;

import multiprocessing.process.ChildProcess;
import multiprocessing.queue.ProcessQueue;

/** Some children put ints into one queue, and some take them; four ints are one operation. */
final class QueueOfMany implements Work {
  private static final int EACH = 4;

  private final int producers;
  private final int consumers;
  private final ProcessQueue<Long> toPut = new ProcessQueue<>();
  private final ProcessQueue<Long> toTake = new ProcessQueue<>();
  private final ProcessQueue<Long> totals = new ProcessQueue<>();

  QueueOfMany(int producers, int consumers) {
    this.producers = producers;
    this.consumers = consumers;
    ProcessQueue<Integer> queue = new ProcessQueue<>();
    ProcessQueue<Long> toPut = this.toPut;
    ProcessQueue<Long> toTake = this.toTake;
    ProcessQueue<Long> totals = this.totals;
    for (int i = 0; i < producers; i++) {
      ChildProcess.builder().target(() -> produce(toPut, queue)).daemon(true).start();
    }
    for (int i = 0; i < consumers; i++) {
      ChildProcess.builder().target(() -> consume(toTake, queue, totals)).daemon(true).start();
    }
  }

  private static void produce(ProcessQueue<Long> toPut, ProcessQueue<Integer> queue)
      throws InterruptedException {
    while (true) {
      long count = toPut.take();
      for (int i = 0; i < count; i++) {
        queue.put(i);
      }
    }
  }

  private static void consume(
      ProcessQueue<Long> toTake, ProcessQueue<Integer> queue, ProcessQueue<Long> totals)
      throws InterruptedException {
    while (true) {
      long total = 0;
      for (long left = toTake.take(); left > 0; left--) {
        total += queue.take();
      }
      totals.put(total);
    }
  }

  @Override
  public long run(long count) throws InterruptedException {
    long total = 0;
    long start = System.nanoTime();
    for (int i = 0; i < consumers; i++) {
      toTake.put(count * EACH / consumers);
    }
    for (int i = 0; i < producers; i++) {
      toPut.put(count * EACH / producers);
    }
    for (int i = 0; i < consumers; i++) {
      total += totals.take();
    }
    long spent = System.nanoTime() - start;
    long each = count * EACH / producers;
    Work.check(total, producers * (each * (each - 1) / 2));
    return spent;
  }
}
