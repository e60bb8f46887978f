package multiprocessing.sync;

import multiprocessing.process.StartMethod;

/** Between threads of one virtual machine that count as processes. */
final class InProcessLockTest extends LockContract {
  InProcessLockTest() {
    super(StartMethod.IN_PROCESS);
  }
}
