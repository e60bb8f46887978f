package multiprocessing.pool;

import multiprocessing.process.StartMethod;

/** With workers that are fresh virtual machines. */
final class SpawnPoolExecutorTest extends PoolExecutorContract {
  SpawnPoolExecutorTest() {
    super(StartMethod.SPAWN);
  }
}
