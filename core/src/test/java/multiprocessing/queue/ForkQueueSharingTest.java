package multiprocessing.queue;

import multiprocessing.process.StartMethod;

/** Among processes that are forks of this process. */
final class ForkQueueSharingTest extends QueueSharingContract {
  ForkQueueSharingTest() {
    super(StartMethod.FORK);
  }
}
