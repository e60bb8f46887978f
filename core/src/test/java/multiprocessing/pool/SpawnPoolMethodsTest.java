package multiprocessing.pool;

import multiprocessing.process.StartMethod;

/** The methods of a pool with workers started by SPAWN. */
final class SpawnPoolMethodsTest extends PoolMethodsContract {
  SpawnPoolMethodsTest() {
    super(StartMethod.SPAWN);
  }
}
