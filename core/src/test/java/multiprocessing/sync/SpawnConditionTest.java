package multiprocessing.sync;

import multiprocessing.process.StartMethod;

/** The condition's contract among processes that are fresh virtual machines. */
final class SpawnConditionTest extends ConditionContract {
  SpawnConditionTest() {
    super(StartMethod.SPAWN);
  }
}
