package multiprocessing.manager;

import multiprocessing.process.StartMethod;

/** The contract of pools of managers, of threads in the place of processes. */
final class InProcessManagedPoolTest extends ManagedPoolContract {
  InProcessManagedPoolTest() {
    super(StartMethod.IN_PROCESS);
  }
}
