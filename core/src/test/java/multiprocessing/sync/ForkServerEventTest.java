package multiprocessing.sync;

import multiprocessing.process.StartMethod;

/** The event's contract among processes that are forks of the fork server. */
final class ForkServerEventTest extends EventContract {
  ForkServerEventTest() {
    super(StartMethod.FORKSERVER);
  }
}
