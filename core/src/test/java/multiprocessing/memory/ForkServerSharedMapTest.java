package multiprocessing.memory;

import multiprocessing.process.StartMethod;

/** The contract of shared maps among processes started by {@link StartMethod#FORKSERVER}. */
final class ForkServerSharedMapTest extends SharedMapContract {
  ForkServerSharedMapTest() {
    super(StartMethod.FORKSERVER);
  }
}
