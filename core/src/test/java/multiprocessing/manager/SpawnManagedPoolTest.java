package multiprocessing.manager;

import multiprocessing.process.StartMethod;

/** The contract of pools of managers, of processes started by {@link StartMethod#SPAWN}. */
final class SpawnManagedPoolTest extends ManagedPoolContract {
  SpawnManagedPoolTest() {
    super(StartMethod.SPAWN);
  }
}
