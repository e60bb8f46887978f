package multiprocessing.connection;

import multiprocessing.process.StartMethod;

/** The contract of connections among processes that are forks of this one. */
final class ForkConnectionTest extends RealConnectionContract {
  ForkConnectionTest() {
    super(StartMethod.FORK);
  }
}
