package multiprocessing.internal.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.session.Session;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.Test;

/** What a parent keeps of a child. */
@ProcessTest
class ChildTest {
  private static final int MANY = 50;

  /** A fork may come between the end of a child and the moment at which it is off the list. */
  @Test
  void aForkClosesNothingForAChildThatIsCollected() throws InterruptedException {
    LaunchRequest request =
        new LaunchRequest(
            new Session.Birth("Short", "1", false, null),
            new byte[32],
            (Runnable & Serializable) () -> {});
    Child child = new SpawnLauncher().launch(request);
    child.join();
    assertEquals(OptionalInt.of(0), child.exitCode());
    List<Integer> later = new ArrayList<>(); // some have the numbers that were the child's
    try {
      for (int i = 0; i < MANY; i++) {
        later.add(Descriptors.bell());
      }
      child.closeForked();
      assertTrue(later.stream().allMatch(Descriptors::isOpen));
    } finally {
      later.forEach(Descriptors::close);
    }
  }
}
