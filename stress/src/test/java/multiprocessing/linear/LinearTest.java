package multiprocessing.linear;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.locks.LockSupport;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A few scenarios for each structure. */
@Timeout(300)
final class LinearTest {
  private static final int SCENARIOS = 10;
  private static final int RUNS = 200;

  @ParameterizedTest
  @MethodSource("multiprocessing.linear.Linear#names")
  void whatOperationsAnswerFitsSomeOrder(String name) {
    assertTrue(Linear.check(name, SCENARIOS, RUNS));
  }

  @Test
  void whatFitsNoOrderIsFound() {
    LincheckAssertionError error =
        assertThrows(
            LincheckAssertionError.class,
            () -> Linear.check(Torn.class, Whole.class, 2, SCENARIOS, RUNS));
    assertTrue(String.valueOf(error.getMessage()).contains("increment"), error.getMessage());
  }

  /** Counts in two steps, between which another one may count. */
  public static class Torn {
    private volatile int count;

    /** Counts. */
    @Operation
    public int increment() {
      int next = count + 1;
      LockSupport.parkNanos(1);
      count = next;
      return next;
    }
  }

  /** Counts in one step. */
  public static class Whole {
    private int count;

    /** Counts. */
    public int increment() {
      return ++count;
    }
  }
}
