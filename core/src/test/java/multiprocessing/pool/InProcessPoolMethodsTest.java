package multiprocessing.pool;

import multiprocessing.process.StartMethod;

/** The methods of a pool with workers that are threads of this virtual machine. */
final class InProcessPoolMethodsTest extends PoolMethodsContract {
  InProcessPoolMethodsTest() {
    super(StartMethod.IN_PROCESS);
  }
}
