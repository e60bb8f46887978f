package multiprocessing.queue;

import multiprocessing.process.StartMethod;

/** Between threads of one virtual machine that count as processes. */
final class InProcessQueueSharingTest extends QueueSharingContract {
  InProcessQueueSharingTest() {
    super(StartMethod.IN_PROCESS);
  }
}
