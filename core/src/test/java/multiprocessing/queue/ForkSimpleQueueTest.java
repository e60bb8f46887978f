package multiprocessing.queue;

import multiprocessing.process.StartMethod;

/** The simple queue's contract among processes that are forks of this process. */
final class ForkSimpleQueueTest extends SimpleQueueContract {
  ForkSimpleQueueTest() {
    super(StartMethod.FORK);
  }
}
