package multiprocessing.sync;

import multiprocessing.process.StartMethod;

/** The lock's contract among processes that are forks of the fork server. */
final class ForkServerLockTest extends LockContract {
  ForkServerLockTest() {
    super(StartMethod.FORKSERVER);
  }
}
