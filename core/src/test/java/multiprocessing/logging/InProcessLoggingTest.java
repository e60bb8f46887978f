package multiprocessing.logging;

import multiprocessing.process.StartMethod;

/** What children say that are threads of this virtual machine. */
final class InProcessLoggingTest extends ChildLoggingContract {
  InProcessLoggingTest() {
    super(StartMethod.IN_PROCESS);
  }
}
