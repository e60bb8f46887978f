package multiprocessing.pool;

import multiprocessing.process.StartMethod;

/** The pool's contract with workers that are forks of the fork server. */
final class ForkServerPoolTest extends PoolContract {
  ForkServerPoolTest() {
    super(StartMethod.FORKSERVER);
  }
}
