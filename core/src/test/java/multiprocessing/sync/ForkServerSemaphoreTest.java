package multiprocessing.sync;

import multiprocessing.process.StartMethod;

/** The semaphore's contract among processes that are forks of the fork server. */
final class ForkServerSemaphoreTest extends SemaphoreContract {
  ForkServerSemaphoreTest() {
    super(StartMethod.FORKSERVER);
  }
}
