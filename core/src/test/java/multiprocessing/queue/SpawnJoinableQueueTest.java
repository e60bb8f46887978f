package multiprocessing.queue;

import multiprocessing.process.StartMethod;

/** The joinable queue's contract among processes that are fresh virtual machines. */
final class SpawnJoinableQueueTest extends JoinableQueueContract {
  SpawnJoinableQueueTest() {
    super(StartMethod.SPAWN);
  }
}
