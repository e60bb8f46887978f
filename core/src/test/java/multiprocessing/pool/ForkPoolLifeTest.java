package multiprocessing.pool;

import multiprocessing.process.StartMethod;

/** The life of workers started by FORK. */
final class ForkPoolLifeTest extends PoolLifeContract {
  ForkPoolLifeTest() {
    super(StartMethod.FORK);
  }
}
