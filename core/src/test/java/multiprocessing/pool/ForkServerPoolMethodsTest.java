package multiprocessing.pool;

import multiprocessing.process.StartMethod;

/** The methods of a pool with workers started by FORKSERVER. */
final class ForkServerPoolMethodsTest extends PoolMethodsContract {
  ForkServerPoolMethodsTest() {
    super(StartMethod.FORKSERVER);
  }
}
