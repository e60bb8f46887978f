package multiprocessing.pool;

import multiprocessing.process.StartMethod;

/** The life of workers started by SPAWN. */
final class SpawnPoolLifeTest extends PoolLifeContract {
  SpawnPoolLifeTest() {
    super(StartMethod.SPAWN);
  }
}
