package multiprocessing.manager;

import multiprocessing.process.StartMethod;

/** The contract of managers among processes that are forks of the fork server. */
final class ForkServerManagerTest extends ManagerContract {
  ForkServerManagerTest() {
    super(StartMethod.FORKSERVER);
  }
}
