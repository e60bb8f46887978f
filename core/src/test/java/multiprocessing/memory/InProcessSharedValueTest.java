package multiprocessing.memory;

import multiprocessing.process.StartMethod;

/** The contract among threads of this process in the place of processes. */
final class InProcessSharedValueTest extends SharedValueContract {
  InProcessSharedValueTest() {
    super(StartMethod.IN_PROCESS);
  }
}
