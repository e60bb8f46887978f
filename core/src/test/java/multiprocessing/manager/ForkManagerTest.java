package multiprocessing.manager;

import multiprocessing.process.StartMethod;

/** The contract of managers among processes that are forks of this one. */
final class ForkManagerTest extends ManagerContract {
  ForkManagerTest() {
    super(StartMethod.FORK);
  }
}
