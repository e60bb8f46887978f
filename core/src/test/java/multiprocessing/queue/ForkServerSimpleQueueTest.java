package multiprocessing.queue;

import multiprocessing.process.StartMethod;

/** The simple queue's contract among processes that are forks of the fork server. */
final class ForkServerSimpleQueueTest extends SimpleQueueContract {
  ForkServerSimpleQueueTest() {
    super(StartMethod.FORKSERVER);
  }
}
