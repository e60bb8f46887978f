package multiprocessing.memory;

import multiprocessing.process.StartMethod;

/**
 * The contract of shared values and arrays among processes started by {@link StartMethod#SPAWN}.
 */
final class SpawnSharedValueTest extends SharedValueContract {
  SpawnSharedValueTest() {
    super(StartMethod.SPAWN);
  }
}
