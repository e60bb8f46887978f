package multiprocessing.memory;

import multiprocessing.process.StartMethod;

/** The contract of shared memory among processes started by {@link StartMethod#SPAWN}. */
final class SpawnSharedMemoryTest extends SharedMemoryContract {
  SpawnSharedMemoryTest() {
    super(StartMethod.SPAWN);
  }
}
