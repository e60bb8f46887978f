package multiprocessing.connection;

import multiprocessing.process.StartMethod;

/** The contract of connections among processes that are fresh virtual machines. */
final class SpawnConnectionTest extends RealConnectionContract {
  SpawnConnectionTest() {
    super(StartMethod.SPAWN);
  }
}
