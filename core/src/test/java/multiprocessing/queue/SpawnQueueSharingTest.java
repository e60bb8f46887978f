package multiprocessing.queue;

import multiprocessing.process.StartMethod;

/** Among processes that are fresh virtual machines. */
final class SpawnQueueSharingTest extends QueueSharingContract {
  SpawnQueueSharingTest() {
    super(StartMethod.SPAWN);
  }
}
