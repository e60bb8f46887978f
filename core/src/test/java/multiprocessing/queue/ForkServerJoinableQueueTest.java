package multiprocessing.queue;

import multiprocessing.process.StartMethod;

/** The joinable queue's contract among processes that are forks of the fork server. */
final class ForkServerJoinableQueueTest extends JoinableQueueContract {
  ForkServerJoinableQueueTest() {
    super(StartMethod.FORKSERVER);
  }
}
