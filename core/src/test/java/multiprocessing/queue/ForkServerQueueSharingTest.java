package multiprocessing.queue;

import multiprocessing.process.StartMethod;

/** Among processes that are forks of the fork server. */
final class ForkServerQueueSharingTest extends QueueSharingContract {
  ForkServerQueueSharingTest() {
    super(StartMethod.FORKSERVER);
  }
}
