package multiprocessing.call;

import multiprocessing.process.StartMethod;

/** Calls in a process that is a fork of this one. */
final class ForkCallTest extends RealCallContract {
  ForkCallTest() {
    super(StartMethod.FORK);
  }
}
