package multiprocessing.sync;

import multiprocessing.process.StartMethod;

/** Between threads of one virtual machine that count as processes. */
final class InProcessConditionTest extends ConditionContract {
  InProcessConditionTest() {
    super(StartMethod.IN_PROCESS);
  }
}
