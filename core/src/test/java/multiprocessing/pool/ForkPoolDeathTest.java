package multiprocessing.pool;

import multiprocessing.process.StartMethod;

/** Deaths of workers started by FORK. */
final class ForkPoolDeathTest extends PoolDeathContract {
  ForkPoolDeathTest() {
    super(StartMethod.FORK);
  }
}
