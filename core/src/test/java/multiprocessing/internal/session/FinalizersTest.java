package multiprocessing.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;

/** The order in which finalizers run. */
final class FinalizersTest {
  private final List<String> ran = new ArrayList<>();

  @Test
  @Proves(172)
  void higherPrioritiesRunFirstAndTheLatestOfEquals() {
    Finalizers.add(0, () -> ran.add("0 first"));
    Finalizers.add(10, () -> ran.add("10"));
    Finalizers.add(-5, () -> ran.add("-5"));
    Finalizers.add(0, () -> ran.add("0 second"));
    Finalizers.add(Finalizers.LAST, () -> ran.add("last"));
    Finalizers.run(0);
    assertEquals(List.of("10", "0 second", "0 first"), ran);
    Finalizers.run(Finalizers.ALL);
    assertEquals(List.of("10", "0 second", "0 first", "-5", "last"), ran);
    Finalizers.run(Finalizers.ALL);
    assertEquals(5, ran.size());
  }

  @Test
  void whatIsAddedMeanwhileRunsToo() {
    Finalizers.add(1, () -> Finalizers.add(2, () -> ran.add("added")));
    Finalizers.run(0);
    assertEquals(List.of("added"), ran);
  }

  @Test
  void oneThatFailsDoesNotStopTheOthers() {
    Finalizers.add(0, () -> ran.add("after"));
    Finalizers.add(
        1,
        () -> {
          throw new IllegalStateException("broken");
        });
    Finalizers.run(0);
    assertEquals(List.of("after"), ran);
  }

  @Test
  void oneThatIsTakenBackDoesNotRun() {
    Finalizers.Finalizer finalizer = Finalizers.add(0, () -> ran.add("never"));
    assertTrue(finalizer.cancel());
    assertFalse(finalizer.cancel());
    Finalizers.run(0);
    assertEquals(List.of(), ran);
  }
}
