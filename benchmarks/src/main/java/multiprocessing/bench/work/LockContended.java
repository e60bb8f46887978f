package multiprocessing.bench.work;

import multiprocessing.process.ChildProcess;
import multiprocessing.queue.ProcessQueue;
import multiprocessing.sync.ProcessLock;

/** Two processes lock and unlock the same lock as often as they can, {@code count} times each. */
final class LockContended implements Work {
  private final ProcessLock lock = new ProcessLock();
  private final ProcessQueue<Long> orders = new ProcessQueue<>();
  private final ProcessQueue<Long> done = new ProcessQueue<>();

  LockContended() {
    ProcessLock lock = this.lock;
    ProcessQueue<Long> orders = this.orders;
    ProcessQueue<Long> done = this.done;
    ChildProcess.builder().target(() -> other(lock, orders, done)).daemon(true).start();
  }

  private static void other(ProcessLock lock, ProcessQueue<Long> orders, ProcessQueue<Long> done)
      throws InterruptedException {
    while (true) {
      long count = orders.take();
      LockAlone.takeTurns(lock, count);
      done.put(count);
    }
  }

  @Override
  public long run(long count) throws InterruptedException {
    long start = System.nanoTime();
    orders.put(count);
    LockAlone.takeTurns(lock, count);
    long found = done.take();
    long spent = System.nanoTime() - start;
    Work.check(found, count);
    return spent;
  }
}
