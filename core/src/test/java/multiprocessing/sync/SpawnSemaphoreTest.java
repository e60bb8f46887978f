package multiprocessing.sync;

import multiprocessing.process.StartMethod;

/** The semaphore's contract among processes that are fresh virtual machines. */
final class SpawnSemaphoreTest extends SemaphoreContract {
  SpawnSemaphoreTest() {
    super(StartMethod.SPAWN);
  }
}
