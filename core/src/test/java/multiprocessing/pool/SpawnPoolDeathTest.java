package multiprocessing.pool;

import multiprocessing.process.StartMethod;

/** Deaths of workers started by SPAWN. */
final class SpawnPoolDeathTest extends PoolDeathContract {
  SpawnPoolDeathTest() {
    super(StartMethod.SPAWN);
  }
}
