package multiprocessing.queue;

import multiprocessing.process.StartMethod;

/** The queue's contract among processes that are fresh virtual machines. */
final class SpawnQueueTest extends QueueContract {
  SpawnQueueTest() {
    super(StartMethod.SPAWN);
  }
}
