package multiprocessing.connection;

import multiprocessing.process.StartMethod;

/** The contract of connections between threads of one virtual machine that count as processes. */
final class InProcessConnectionTest extends ConnectionContract {
  InProcessConnectionTest() {
    super(StartMethod.IN_PROCESS);
  }
}
