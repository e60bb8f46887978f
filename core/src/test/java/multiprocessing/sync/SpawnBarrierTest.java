package multiprocessing.sync;

import multiprocessing.process.StartMethod;

/** The barrier's contract among processes that are fresh virtual machines. */
final class SpawnBarrierTest extends BarrierContract {
  SpawnBarrierTest() {
    super(StartMethod.SPAWN);
  }
}
