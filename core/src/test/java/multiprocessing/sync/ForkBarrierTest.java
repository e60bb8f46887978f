package multiprocessing.sync;

import multiprocessing.process.StartMethod;

/** The barrier's contract among processes that are forks of this process. */
final class ForkBarrierTest extends BarrierContract {
  ForkBarrierTest() {
    super(StartMethod.FORK);
  }
}
