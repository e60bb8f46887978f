package multiprocessing.logging;

import multiprocessing.process.StartMethod;

/** What children say that are forks of this one. */
final class ForkLoggingTest extends RealChildLoggingContract {
  ForkLoggingTest() {
    super(StartMethod.FORK);
  }
}
