package multiprocessing.sync;

import multiprocessing.process.StartMethod;

/** Between threads of one virtual machine that count as processes. */
final class InProcessEventTest extends EventContract {
  InProcessEventTest() {
    super(StartMethod.IN_PROCESS);
  }
}
