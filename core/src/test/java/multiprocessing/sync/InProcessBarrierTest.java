package multiprocessing.sync;

import multiprocessing.process.StartMethod;

/** Between threads of one virtual machine that count as processes. */
final class InProcessBarrierTest extends BarrierContract {
  InProcessBarrierTest() {
    super(StartMethod.IN_PROCESS);
  }
}
