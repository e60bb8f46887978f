package multiprocessing.manager;

import multiprocessing.process.StartMethod;

/** The contract of pools of managers, of processes started by {@link StartMethod#FORKSERVER}. */
final class ForkServerManagedPoolTest extends ManagedPoolContract {
  ForkServerManagedPoolTest() {
    super(StartMethod.FORKSERVER);
  }
}
