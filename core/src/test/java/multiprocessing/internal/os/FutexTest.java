package multiprocessing.internal.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Shared files, and sleeping on words in them: two mappings stand for two processes. */
@ProcessTest
class FutexTest {
  private static final long BYTES = 1 << 20;

  private final int fd = SharedFile.create("multiprocessing", BYTES);
  private final MemorySegment one = SharedFile.map(fd, BYTES);
  private final MemorySegment two = SharedFile.map(fd, BYTES);

  @AfterEach
  void close() {
    SharedFile.unmap(one);
    SharedFile.unmap(two);
    SharedFile.close(fd);
  }

  @Test
  void mappingsShowTheSame() {
    one.set(ValueLayout.JAVA_INT, 4096, 42);
    assertEquals(42, two.get(ValueLayout.JAVA_INT, 4096));
    SharedFile.reserve(fd, 0, BYTES);
    assertEquals(42, two.get(ValueLayout.JAVA_INT, 4096), "reserving keeps what is there");
    SharedFile.discard(fd, 4096, 4096);
    assertEquals(0, two.get(ValueLayout.JAVA_INT, 4096));
  }

  @Test
  void errorsAreNamed() {
    OsException thrown = assertThrows(OsException.class, () -> SharedFile.reserve(-1, 0, 1));
    assertEquals(9, thrown.errno());
    assertThrows(OsException.class, () -> SharedFile.map(-1, BYTES));
    assertThrows(OsException.class, () -> SharedFile.create("x", -1));
  }

  @Test
  void aWordThatDiffersDoesNotLetSleep() {
    assertTrue(Futex.await(one, 64, 1, Long.MAX_VALUE));
  }

  @Test
  void sleepsForTheTimeGiven() {
    long start = System.nanoTime();
    assertFalse(Futex.await(one, 64, 0, 50_000_000));
    assertTrue(System.nanoTime() - start >= 50_000_000);
    assertFalse(Futex.await(one, 64, 0, 0));
  }

  @Test
  void wakesAsManyAsItSaysThroughTheOtherMapping() throws InterruptedException {
    AtomicInteger awake = new AtomicInteger();
    List<Thread> sleepers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      sleepers.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    Futex.await(one, 128, 0, 60_000_000_000L);
                    awake.incrementAndGet();
                  }));
    }
    int woken = 0;
    while (woken == 0) {
      woken = Futex.wake(two, 128, 1);
    }
    assertEquals(1, woken);
    while (woken < 3) {
      woken += Futex.wake(two, 128, Integer.MAX_VALUE);
    }
    for (Thread sleeper : sleepers) {
      sleeper.join();
    }
    assertEquals(3, awake.get());
    assertEquals(0, Futex.wake(two, 128, 5));
  }
}
