package multiprocessing.memory;

import multiprocessing.process.StartMethod;

/** The contract of shared memory among processes started by {@link StartMethod#FORKSERVER}. */
final class ForkServerSharedMemoryTest extends SharedMemoryContract {
  ForkServerSharedMemoryTest() {
    super(StartMethod.FORKSERVER);
  }
}
