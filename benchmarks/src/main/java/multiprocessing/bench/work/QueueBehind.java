package multiprocessing.bench.work;

import multiprocessing.queue.ProcessQueue;

/** Puts an int into a queue in which so many lie already, and takes the one that is first. */
final class QueueBehind implements Work {
  private final ProcessQueue<Integer> queue = new ProcessQueue<>();
  private final int waiting;

  QueueBehind(int waiting) throws InterruptedException {
    this.waiting = waiting;
    for (int i = 0; i < waiting; i++) {
      queue.put(i);
    }
  }

  @Override
  public long run(long count) throws InterruptedException {
    int first = 0;
    long start = System.nanoTime();
    for (long i = 0; i < count; i++) {
      first = queue.take();
      queue.put(first);
    }
    long spent = System.nanoTime() - start;
    Work.check(queue.size(), waiting);
    return spent;
  }
}
