package multiprocessing.call;

import multiprocessing.process.StartMethod;

/** Calls in a thread that counts as a process. */
final class InProcessCallTest extends CallContract {
  InProcessCallTest() {
    super(StartMethod.IN_PROCESS);
  }
}
