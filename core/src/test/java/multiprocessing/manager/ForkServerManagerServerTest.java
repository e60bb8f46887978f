package multiprocessing.manager;

import multiprocessing.process.StartMethod;

/** Among processes that are forks of the fork server. */
final class ForkServerManagerServerTest extends ManagerServerContract {
  ForkServerManagerServerTest() {
    super(StartMethod.FORKSERVER);
  }
}
