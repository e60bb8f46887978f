package multiprocessing.sync;

import multiprocessing.process.StartMethod;

/** The lock's contract among processes that are forks of this process. */
final class ForkLockTest extends LockContract {
  ForkLockTest() {
    super(StartMethod.FORK);
  }
}
