package multiprocessing.manager;

import multiprocessing.process.StartMethod;

/** The contract of managers among processes that are fresh virtual machines. */
final class SpawnManagerTest extends ManagerContract {
  SpawnManagerTest() {
    super(StartMethod.SPAWN);
  }
}
