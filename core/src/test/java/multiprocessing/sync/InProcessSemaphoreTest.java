package multiprocessing.sync;

import multiprocessing.process.StartMethod;

/** Between threads of one virtual machine that count as processes. */
final class InProcessSemaphoreTest extends SemaphoreContract {
  InProcessSemaphoreTest() {
    super(StartMethod.IN_PROCESS);
  }
}
