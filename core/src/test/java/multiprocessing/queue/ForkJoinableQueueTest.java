package multiprocessing.queue;

import multiprocessing.process.StartMethod;

/** The joinable queue's contract among processes that are forks of this process. */
final class ForkJoinableQueueTest extends JoinableQueueContract {
  ForkJoinableQueueTest() {
    super(StartMethod.FORK);
  }
}
