package multiprocessing.pool;

import multiprocessing.process.StartMethod;

/** The pool's contract with workers that are forks of this process. */
final class ForkPoolTest extends PoolContract {
  ForkPoolTest() {
    super(StartMethod.FORK);
  }
}
