package multiprocessing.logging;

import multiprocessing.process.StartMethod;

/** What children say that are forks of the zygote. */
final class ForkServerLoggingTest extends RealChildLoggingContract {
  ForkServerLoggingTest() {
    super(StartMethod.FORKSERVER);
  }
}
