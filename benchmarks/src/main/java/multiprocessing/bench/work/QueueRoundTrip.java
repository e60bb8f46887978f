package multiprocessing.bench.work;

import multiprocessing.process.ChildProcess;
import multiprocessing.queue.ProcessQueue;

/** An int goes to another process through one queue and comes back, plus 1, through another. */
final class QueueRoundTrip implements Work {
  private final ProcessQueue<Integer> there = new ProcessQueue<>();
  private final ProcessQueue<Integer> back = new ProcessQueue<>();

  QueueRoundTrip() {
    ProcessQueue<Integer> there = this.there;
    ProcessQueue<Integer> back = this.back;
    ChildProcess.builder().target(() -> echo(there, back)).daemon(true).start();
  }

  private static void echo(ProcessQueue<Integer> there, ProcessQueue<Integer> back)
      throws InterruptedException {
    while (true) {
      back.put(there.take() + 1);
    }
  }

  @Override
  public long run(long count) throws InterruptedException {
    long total = 0;
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      there.put(i);
      total += back.take();
    }
    long spent = System.nanoTime() - start;
    Work.check(total, count * (count + 1) / 2);
    return spent;
  }
}
