package multiprocessing.pool;

import multiprocessing.process.StartMethod;

/** Calls of a pool whose workers are started by SPAWN. */
final class SpawnPoolApplyTest extends PoolApplyContract {
  SpawnPoolApplyTest() {
    super(StartMethod.SPAWN);
  }
}
