package multiprocessing.bench.work;

import multiprocessing.sync.ProcessSemaphore;

/** Acquires and releases a semaphore of one permit that nobody else wants. */
final class SemaphoreAlone implements Work {
  private final ProcessSemaphore semaphore = new ProcessSemaphore(1);

  @Override
  public long run(long count) throws InterruptedException {
    long start = System.nanoTime();
    for (long i = 0; i < count; i++) {
      semaphore.acquire();
      semaphore.release();
    }
    return System.nanoTime() - start;
  }
}
