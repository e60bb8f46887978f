package multiprocessing.queue;

import multiprocessing.process.StartMethod;

/** Between threads of one virtual machine that count as processes. */
final class InProcessQueueTest extends QueueContract {
  InProcessQueueTest() {
    super(StartMethod.IN_PROCESS);
  }
}
