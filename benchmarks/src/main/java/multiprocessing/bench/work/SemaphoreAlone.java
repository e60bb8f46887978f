package multiprocessing.bench.work;

import multiprocessing.process.ChildProcess;
import multiprocessing.sync.ProcessEvent;
import multiprocessing.sync.ProcessSemaphore;

/** Acquires and releases a permit that nobody else wants; others may have all further ones. */
final class SemaphoreAlone implements Work {
  private final ProcessSemaphore semaphore;

  /** One permit more than other processes hold, each its own. */
  SemaphoreAlone(int others) throws InterruptedException {
    semaphore = new ProcessSemaphore(others + 1);
    for (int i = 0; i < others; i++) {
      holdForever(semaphore);
    }
  }

  private static void holdForever(ProcessSemaphore semaphore) throws InterruptedException {
    ProcessEvent held = new ProcessEvent();
    ChildProcess.builder()
        .target(
            () -> {
              semaphore.acquire();
              held.set();
              new ProcessEvent().await();
            })
        .daemon(true)
        .start();
    held.await();
  }

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
