package multiprocessing.queue;

import multiprocessing.process.StartMethod;

/** Between threads of one virtual machine that count as processes. */
final class InProcessJoinableQueueTest extends JoinableQueueContract {
  InProcessJoinableQueueTest() {
    super(StartMethod.IN_PROCESS);
  }
}
