package multiprocessing.memory;

import multiprocessing.process.StartMethod;

/** The contract of shared maps among processes started by {@link StartMethod#SPAWN}. */
final class SpawnSharedMapTest extends SharedMapContract {
  SpawnSharedMapTest() {
    super(StartMethod.SPAWN);
  }
}
