package multiprocessing.pool;

import multiprocessing.process.StartMethod;

/** The life of workers started by FORKSERVER. */
final class ForkServerPoolLifeTest extends PoolLifeContract {
  ForkServerPoolLifeTest() {
    super(StartMethod.FORKSERVER);
  }
}
