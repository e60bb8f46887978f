package multiprocessing.memory;

import multiprocessing.process.StartMethod;

/**
 * The contract of shared values and arrays among processes started by {@link
 * StartMethod#FORKSERVER}.
 */
final class ForkServerSharedValueTest extends SharedValueContract {
  ForkServerSharedValueTest() {
    super(StartMethod.FORKSERVER);
  }
}
