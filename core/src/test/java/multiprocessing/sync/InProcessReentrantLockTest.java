package multiprocessing.sync;

import multiprocessing.process.StartMethod;

/** Between threads of one virtual machine that count as processes. */
final class InProcessReentrantLockTest extends ReentrantLockContract {
  InProcessReentrantLockTest() {
    super(StartMethod.IN_PROCESS);
  }
}
