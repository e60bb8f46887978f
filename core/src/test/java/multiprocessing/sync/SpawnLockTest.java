package multiprocessing.sync;

import multiprocessing.process.StartMethod;

/** The lock's contract among processes that are fresh virtual machines. */
final class SpawnLockTest extends LockContract {
  SpawnLockTest() {
    super(StartMethod.SPAWN);
  }
}
