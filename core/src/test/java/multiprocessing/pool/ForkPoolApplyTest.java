package multiprocessing.pool;

import multiprocessing.process.StartMethod;

/** Calls of a pool whose workers are started by FORK. */
final class ForkPoolApplyTest extends PoolApplyContract {
  ForkPoolApplyTest() {
    super(StartMethod.FORK);
  }
}
