package multiprocessing.sync;

import multiprocessing.process.StartMethod;

/** The condition's contract among processes that are forks of the fork server. */
final class ForkServerConditionTest extends ConditionContract {
  ForkServerConditionTest() {
    super(StartMethod.FORKSERVER);
  }
}
