package multiprocessing.memory;

import multiprocessing.process.StartMethod;

/** The contract of shared maps among threads of this process in the place of processes. */
final class InProcessSharedMapTest extends SharedMapContract {
  InProcessSharedMapTest() {
    super(StartMethod.IN_PROCESS);
  }
}
