package multiprocessing.bench.work;

import multiprocessing.process.ChildProcess;
import multiprocessing.queue.ProcessQueue;

/** This process puts arrays of 1 MiB into a queue, and a child takes them. */
final class QueueMebibyteToChild implements Work {
  private static final int MIB = 1 << 20;

  private final ProcessQueue<Long> orders = new ProcessQueue<>();
  private final ProcessQueue<Long> totals = new ProcessQueue<>();
  private final ProcessQueue<byte[]> queue;
  private final byte[] message = new byte[MIB];

  /** With a queue for at most {@code bound} messages. */
  QueueMebibyteToChild(int bound) {
    queue = new ProcessQueue<>(bound);
    message[0] = 1;
    message[MIB - 1] = 2;
    ProcessQueue<Long> orders = this.orders;
    ProcessQueue<Long> totals = this.totals;
    ProcessQueue<byte[]> queue = this.queue;
    ChildProcess.builder().target(() -> consume(orders, queue, totals)).daemon(true).start();
  }

  private static void consume(
      ProcessQueue<Long> orders, ProcessQueue<byte[]> queue, ProcessQueue<Long> totals)
      throws InterruptedException {
    while (true) {
      long count = orders.take();
      long total = 0;
      for (long i = 0; i < count; i++) {
        byte[] message = queue.take();
        total += message.length + message[0] + message[message.length - 1];
      }
      totals.put(total);
    }
  }

  @Override
  public long run(long count) throws InterruptedException {
    long start = System.nanoTime();
    orders.put(count);
    for (long i = 0; i < count; i++) {
      queue.put(message);
    }
    long total = totals.take();
    long spent = System.nanoTime() - start;
    Work.check(total, count * (MIB + 3));
    return spent;
  }
}
