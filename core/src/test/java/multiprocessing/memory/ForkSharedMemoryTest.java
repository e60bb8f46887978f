package multiprocessing.memory;

import multiprocessing.process.StartMethod;

/** The contract of shared memory among processes started by {@link StartMethod#FORK}. */
final class ForkSharedMemoryTest extends SharedMemoryContract {
  ForkSharedMemoryTest() {
    super(StartMethod.FORK);
  }
}
