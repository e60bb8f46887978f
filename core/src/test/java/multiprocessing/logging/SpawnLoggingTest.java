package multiprocessing.logging;

import multiprocessing.process.StartMethod;

/** What children say that are fresh virtual machines. */
final class SpawnLoggingTest extends RealChildLoggingContract {
  SpawnLoggingTest() {
    super(StartMethod.SPAWN);
  }
}
