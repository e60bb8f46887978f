package multiprocessing.sync;

import multiprocessing.process.StartMethod;

/** The barrier's contract among processes that are forks of the fork server. */
final class ForkServerBarrierTest extends BarrierContract {
  ForkServerBarrierTest() {
    super(StartMethod.FORKSERVER);
  }
}
