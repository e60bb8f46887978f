package multiprocessing.bench.work;

import multiprocessing.sync.ProcessLock;

/** Locks and unlocks a lock that nobody else wants. */
final class LockAlone implements Work {
  private final ProcessLock lock = new ProcessLock();

  @Override
  public long run(long count) {
    long start = System.nanoTime();
    takeTurns(lock, count);
    return System.nanoTime() - start;
  }

  static void takeTurns(ProcessLock lock, long count) {
    for (long i = 0; i < count; i++) {
      lock.lock();
      try {
        // Nothing: it is the lock that is measured.
      } finally {
        lock.unlock();
      }
    }
  }
}
