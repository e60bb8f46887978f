package multiprocessing.sync;

import multiprocessing.process.StartMethod;

/** The event's contract among processes that are forks of this process. */
final class ForkEventTest extends EventContract {
  ForkEventTest() {
    super(StartMethod.FORK);
  }
}
