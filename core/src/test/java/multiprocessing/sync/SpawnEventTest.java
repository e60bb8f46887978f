package multiprocessing.sync;

import multiprocessing.process.StartMethod;

/** The event's contract among processes that are fresh virtual machines. */
final class SpawnEventTest extends EventContract {
  SpawnEventTest() {
    super(StartMethod.SPAWN);
  }
}
