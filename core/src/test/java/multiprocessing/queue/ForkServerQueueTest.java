package multiprocessing.queue;

import multiprocessing.process.StartMethod;

/** The queue's contract among processes that are forks of the fork server. */
final class ForkServerQueueTest extends QueueContract {
  ForkServerQueueTest() {
    super(StartMethod.FORKSERVER);
  }
}
