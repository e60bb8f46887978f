package multiprocessing.pool;

import multiprocessing.process.StartMethod;

/** The pool's contract with workers that are fresh virtual machines. */
final class SpawnPoolTest extends PoolContract {
  SpawnPoolTest() {
    super(StartMethod.SPAWN);
  }
}
