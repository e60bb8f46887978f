package multiprocessing.queue;

import multiprocessing.process.StartMethod;

/** The simple queue's contract among processes that are fresh virtual machines. */
final class SpawnSimpleQueueTest extends SimpleQueueContract {
  SpawnSimpleQueueTest() {
    super(StartMethod.SPAWN);
  }
}
