package multiprocessing.queue;

import multiprocessing.process.StartMethod;

/** The queue's contract among processes that are forks of this process. */
final class ForkQueueTest extends QueueContract {
  ForkQueueTest() {
    super(StartMethod.FORK);
  }
}
