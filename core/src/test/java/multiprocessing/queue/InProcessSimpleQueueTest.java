package multiprocessing.queue;

import multiprocessing.process.StartMethod;

/** Between threads of one virtual machine that count as processes. */
final class InProcessSimpleQueueTest extends SimpleQueueContract {
  InProcessSimpleQueueTest() {
    super(StartMethod.IN_PROCESS);
  }
}
