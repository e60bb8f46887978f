package multiprocessing.memory;

import multiprocessing.process.StartMethod;

/** The contract of shared maps among processes started by {@link StartMethod#FORK}. */
final class ForkSharedMapTest extends SharedMapContract {
  ForkSharedMapTest() {
    super(StartMethod.FORK);
  }
}
