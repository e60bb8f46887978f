package multiprocessing.bench.work;

import java.util.ArrayList;
import java.util.List;
import multiprocessing.queue.ProcessQueue;

/** Makes a queue, puts an int, takes it, and closes the queue, while there are so many others. */
final class QueueMade implements Work {
  private final List<ProcessQueue<Integer>> others = new ArrayList<>();

  QueueMade(int others) throws InterruptedException {
    for (int i = 0; i < others; i++) {
      ProcessQueue<Integer> queue = new ProcessQueue<>();
      queue.put(i);
      this.others.add(queue);
    }
  }

  @Override
  public long run(long count) throws InterruptedException {
    long sum = 0;
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      ProcessQueue<Integer> queue = new ProcessQueue<>();
      queue.put(1);
      sum += queue.take();
      queue.close();
    }
    long spent = System.nanoTime() - start;
    Work.check(sum, count);
    Work.check(others.getLast().size(), 1);
    return spent;
  }
}
