package multiprocessing.bench.work;

import multiprocessing.process.ChildProcess;
import multiprocessing.queue.ProcessQueue;

/** A child puts arrays of bytes into a queue, and this process takes them. */
final class QueueBytes implements Work {
  private final ProcessQueue<Long> orders = new ProcessQueue<>();
  private final ProcessQueue<byte[]> queue;
  private final int bytes;

  /** With a queue for at most {@code bound} messages; without bound if that is 0. */
  QueueBytes(int bytes, int bound) {
    this.bytes = bytes;
    queue = bound == 0 ? new ProcessQueue<>() : new ProcessQueue<>(bound);
    ProcessQueue<Long> orders = this.orders;
    ProcessQueue<byte[]> queue = this.queue;
    ChildProcess.builder().target(() -> produce(orders, queue, bytes)).daemon(true).start();
  }

  private static void produce(ProcessQueue<Long> orders, ProcessQueue<byte[]> queue, int bytes)
      throws InterruptedException {
    byte[] message = new byte[bytes];
    message[0] = 1;
    message[bytes - 1] = 2;
    while (true) {
      long count = orders.take();
      for (long i = 0; i < count; i++) {
        queue.put(message);
      }
    }
  }

  @Override
  public long run(long count) throws InterruptedException {
    long total = 0;
    long start = System.nanoTime();
    orders.put(count);
    for (long i = 0; i < count; i++) {
      byte[] message = queue.take();
      total += message.length + message[0] + message[message.length - 1];
    }
    long spent = System.nanoTime() - start;
    Work.check(total, count * (bytes + 3));
    return spent;
  }
}
