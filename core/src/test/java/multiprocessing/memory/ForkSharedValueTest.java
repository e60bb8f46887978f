package multiprocessing.memory;

import multiprocessing.process.StartMethod;

/** The contract of shared values and arrays among processes started by {@link StartMethod#FORK}. */
final class ForkSharedValueTest extends SharedValueContract {
  ForkSharedValueTest() {
    super(StartMethod.FORK);
  }
}
