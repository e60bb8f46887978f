package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import multiprocessing.testing.Children;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;

/** What is done once, for an object or at the end of a process. */
final class FinalizerTest {
  @Test
  @Proves(172)
  void itRunsOnceWhenItIsTold() {
    AtomicInteger runs = new AtomicInteger();
    Finalizer finalizer = Finalizer.atExit(runs::incrementAndGet);
    assertTrue(finalizer.isActive());
    assertTrue(finalizer.run());
    assertFalse(finalizer.run());
    assertFalse(finalizer.isActive());
    assertFalse(finalizer.cancel());
    assertEquals(1, runs.get());
  }

  @Test
  @Proves(172)
  void itRunsWhenItsObjectIsNoLongerInUse() throws InterruptedException {
    AtomicInteger runs = new AtomicInteger();
    Object object = new Object();
    Finalizer finalizer = Finalizer.of(object, 5, runs::incrementAndGet);
    assertTrue(finalizer.isActive(), object.toString());
    object = null;
    Children.await(
        () -> {
          System.gc();
          return runs.get() == 1;
        });
    assertFalse(finalizer.run());
  }

  @Test
  @Proves(172)
  void oneThatIsTakenBackNeverRuns() {
    AtomicInteger runs = new AtomicInteger();
    Finalizer finalizer = Finalizer.of(new Object(), runs::incrementAndGet);
    if (finalizer.cancel()) { // or its object is gone already
      assertFalse(finalizer.run());
      assertEquals(0, runs.get());
    }
  }

  @Test
  @Proves(173)
  void manyThreadsMakeAndRunThem() throws InterruptedException {
    AtomicInteger runs = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int j = 0; j < 2_000; j++) {
                      Finalizer one = Finalizer.of(new Object(), j % 3, runs::incrementAndGet);
                      if (j % 2 == 0) {
                        boolean _ = one.run();
                      }
                      if (j % 500 == 0) {
                        System.gc();
                      }
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    Children.await(
        () -> {
          System.gc();
          return runs.get() == 8_000;
        });
  }
}
