package multiprocessing.sync;

import multiprocessing.process.StartMethod;

/** The reentrant lock's contract among processes that are fresh virtual machines. */
final class SpawnReentrantLockTest extends ReentrantLockContract {
  SpawnReentrantLockTest() {
    super(StartMethod.SPAWN);
  }
}
