package multiprocessing.connection;

import multiprocessing.process.StartMethod;

/** The contract of connections among processes that are forks of a zygote. */
final class ForkServerConnectionTest extends RealConnectionContract {
  ForkServerConnectionTest() {
    super(StartMethod.FORKSERVER);
  }
}
