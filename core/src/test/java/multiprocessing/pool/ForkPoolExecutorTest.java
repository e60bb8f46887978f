package multiprocessing.pool;

import multiprocessing.process.StartMethod;

/** With workers that are forks of this process. */
final class ForkPoolExecutorTest extends PoolExecutorContract {
  ForkPoolExecutorTest() {
    super(StartMethod.FORK);
  }
}
