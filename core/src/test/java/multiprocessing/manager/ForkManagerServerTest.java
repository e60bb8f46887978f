package multiprocessing.manager;

import multiprocessing.process.StartMethod;

/** Among processes that are forks of this process. */
final class ForkManagerServerTest extends ManagerServerContract {
  ForkManagerServerTest() {
    super(StartMethod.FORK);
  }
}
