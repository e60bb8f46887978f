package multiprocessing.pool;

import multiprocessing.process.StartMethod;

/** With workers that are forks of the fork server. */
final class ForkServerPoolExecutorTest extends PoolExecutorContract {
  ForkServerPoolExecutorTest() {
    super(StartMethod.FORKSERVER);
  }
}
