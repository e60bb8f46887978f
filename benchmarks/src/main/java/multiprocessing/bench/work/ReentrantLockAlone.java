package multiprocessing.bench.work;

import multiprocessing.sync.ProcessReentrantLock;

/** Locks and unlocks a reentrant lock that nobody else wants. */
final class ReentrantLockAlone implements Work {
  private final ProcessReentrantLock lock = new ProcessReentrantLock();

  @Override
  public long run(long count) {
    long start = System.nanoTime();
    for (long i = 0; i < count; i++) {
      lock.lock();
      try {
        // Nothing: it is the lock that is measured.
      } finally {
        lock.unlock();
      }
    }
    return System.nanoTime() - start;
  }
}
