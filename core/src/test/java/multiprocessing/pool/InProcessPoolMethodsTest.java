package multiprocessing.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import multiprocessing.Multiprocessing;
import multiprocessing.process.StartMethod;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;

/** The methods of a pool with workers that are threads of this virtual machine. */
final class InProcessPoolMethodsTest extends PoolMethodsContract {
  InProcessPoolMethodsTest() {
    super(StartMethod.IN_PROCESS);
  }

  @Test
  @Proves(257)
  void aLargePoolWorks() throws Exception {
    try (ProcessPool large = Multiprocessing.inProcess().poolBuilder().processes(200).build()) {
      List<Integer> results = large.map(x -> x, PoolSuite.numbers(1000), 1);
      assertEquals(1000 * 999 / 2, results.stream().mapToInt(x -> x).sum());
    }
  }
}
