package multiprocessing.sync;

import multiprocessing.process.StartMethod;

/** The reentrant lock's contract among processes that are forks of this process. */
final class ForkReentrantLockTest extends ReentrantLockContract {
  ForkReentrantLockTest() {
    super(StartMethod.FORK);
  }
}
