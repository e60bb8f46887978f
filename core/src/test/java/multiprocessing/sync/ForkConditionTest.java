package multiprocessing.sync;

import multiprocessing.process.StartMethod;

/** The condition's contract among processes that are forks of this process. */
final class ForkConditionTest extends ConditionContract {
  ForkConditionTest() {
    super(StartMethod.FORK);
  }
}
