package multiprocessing.manager;

import multiprocessing.process.StartMethod;

/** The contract of pools of managers, of processes started by {@link StartMethod#FORK}. */
final class ForkManagedPoolTest extends ManagedPoolContract {
  ForkManagedPoolTest() {
    super(StartMethod.FORK);
  }
}
