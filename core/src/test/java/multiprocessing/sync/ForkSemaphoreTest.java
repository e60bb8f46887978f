package multiprocessing.sync;

import multiprocessing.process.StartMethod;

/** The semaphore's contract among processes that are forks of this process. */
final class ForkSemaphoreTest extends SemaphoreContract {
  ForkSemaphoreTest() {
    super(StartMethod.FORK);
  }
}
