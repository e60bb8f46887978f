package multiprocessing.manager;

import multiprocessing.process.StartMethod;

/** Among processes that are fresh virtual machines. */
final class SpawnManagerServerTest extends ManagerServerContract {
  SpawnManagerServerTest() {
    super(StartMethod.SPAWN);
  }
}
