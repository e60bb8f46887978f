package multiprocessing.pool;

import multiprocessing.process.StartMethod;

/** The methods of a pool with workers started by FORK. */
final class ForkPoolMethodsTest extends PoolMethodsContract {
  ForkPoolMethodsTest() {
    super(StartMethod.FORK);
  }
}
