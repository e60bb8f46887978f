package multiprocessing.pool;

import multiprocessing.process.StartMethod;

/** Calls of a pool whose workers are started by FORKSERVER. */
final class ForkServerPoolApplyTest extends PoolApplyContract {
  ForkServerPoolApplyTest() {
    super(StartMethod.FORKSERVER);
  }
}
