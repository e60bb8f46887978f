package multiprocessing.pool;

import multiprocessing.process.StartMethod;

/** Deaths of workers started by FORKSERVER. */
final class ForkServerPoolDeathTest extends PoolDeathContract {
  ForkServerPoolDeathTest() {
    super(StartMethod.FORKSERVER);
  }
}
