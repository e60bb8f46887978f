package multiprocessing.sync;

import multiprocessing.process.StartMethod;

/** The reentrant lock's contract among processes that are forks of the fork server. */
final class ForkServerReentrantLockTest extends ReentrantLockContract {
  ForkServerReentrantLockTest() {
    super(StartMethod.FORKSERVER);
  }
}
