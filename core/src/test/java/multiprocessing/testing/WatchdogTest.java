package multiprocessing.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

class WatchdogTest {
  @ExtendWith(Watchdog.class)
  @Deadline(seconds = 1)
  static class WaitsForAProcess {
    @Test
    void hangs() throws IOException, InterruptedException {
      new ProcessBuilder("sleep", "1000").start().waitFor();
    }
  }

  @ExtendWith(Watchdog.class)
  static class HeedsNoInterrupt {
    static final AtomicBoolean stop = new AtomicBoolean();

    @Test
    @Deadline(seconds = 1)
    void spins() {
      while (!stop.get()) {
        Thread.onSpinWait();
      }
    }
  }

  @ExtendWith(Watchdog.class)
  @Deadline(seconds = 1)
  static class HangsInSetUp {
    @BeforeEach
    void hang() throws InterruptedException {
      Thread.sleep(1_000_000);
    }

    @Test
    void neverReached() {}
  }

  @ExtendWith(Watchdog.class)
  static class Quick {
    private final List<Thread> threads = new ArrayList<>();

    @BeforeEach
    void setUp() {
      threads.add(Thread.currentThread());
    }

    @Test
    void runsOnTheThreadOfItsSetUp() {
      assertSame(threads.getFirst(), Thread.currentThread());
    }

    @Test
    void failsAsEver() throws IOException {
      throw new IOException("of the test itself");
    }
  }

  private final PrintStream stderr = System.err;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @BeforeEach
  void captureTheDump() {
    System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void giveBackTheStream() {
    System.setErr(stderr);
  }

  private static Events run(Class<?> testClass) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(testClass))
        .execute()
        .testEvents();
  }

  private static Throwable failure(Events events) {
    return events.failed().stream()
        .findFirst()
        .flatMap(event -> event.getPayload(TestExecutionResult.class))
        .flatMap(TestExecutionResult::getThrowable)
        .orElseThrow();
  }

  private static boolean runs(ProcessHandle process) {
    try {
      process.onExit().get(1, TimeUnit.SECONDS);
      return false;
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      return true;
    }
  }

  @Test
  void aHangingTestFailsAndItsProcessesDie() {
    Throwable failure = failure(run(WaitsForAProcess.class));

    assertEquals("hangs() did not end within 1 s", failure.getMessage());
    assertTrue(
        Arrays.stream(failure.getStackTrace())
            .anyMatch(frame -> frame.getMethodName().equals("hangs")),
        "the failure shows where the test was");
    assertFalse(ProcessHandle.current().children().anyMatch(WatchdogTest::runs));
    String dump = printed.toString(StandardCharsets.UTF_8);
    assertTrue(dump.contains("Full thread dump"), dump);
    assertTrue(dump.contains("WaitsForAProcess.hangs"), dump);
    assertTrue(dump.contains("sleep 1000"), dump);
  }

  @Test
  void aThreadThatHeedsNoInterruptIsGivenUp() {
    Throwable failure = failure(run(HeedsNoInterrupt.class));
    HeedsNoInterrupt.stop.set(true);

    assertEquals("spins() did not end within 1 s", failure.getMessage());
    assertEquals(
        "its thread heeds no interrupt and was given up", failure.getSuppressed()[0].getMessage());
  }

  @Test
  void setUpIsWatchedToo() {
    assertEquals(
        "neverReached() did not end within 1 s", failure(run(HangsInSetUp.class)).getMessage());
  }

  @Test
  void otherTestsRunAsEver() {
    Events events = run(Quick.class);

    events.assertStatistics(count -> count.succeeded(1).failed(1));
    assertInstanceOf(IOException.class, failure(events));
  }
}
