package multiprocessing.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import multiprocessing.internal.launch.ForkServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

class LeakCheckTest {
  private static final List<AutoCloseable> leaked = new ArrayList<>();

  static InputStream open() {
    try {
      InputStream stream = Files.newInputStream(Path.of("/etc/passwd"));
      leaked.add(stream); // or the collector would mend it
      return stream;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static Process sleep() {
    try {
      Process process = new ProcessBuilder("sleep", "1000").inheritIO().start();
      leaked.add(process::destroyForcibly);
      return process;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @AfterEach
  void closeWhatLeaked() throws Exception {
    for (AutoCloseable each : leaked) {
      each.close();
    }
    leaked.clear();
  }

  @ExtendWith(LeakCheck.class)
  static class LeaksADescriptor {
    @Test
    void test() {
      open();
    }
  }

  @ExtendWith(LeakCheck.class)
  @MayOutlive("/etc/pass.*")
  static class MayLeakADescriptor {
    @Test
    void test() {
      open();
    }
  }

  @ExtendWith(LeakCheck.class)
  static class LeaksAProcess {
    @Test
    void test() {
      sleep();
    }
  }

  @ExtendWith(LeakCheck.class)
  static class LeaksSharedMemory {
    static final Path FILE =
        Path.of("/dev/shm/multiprocessing-leak-check-" + ProcessHandle.current().pid());

    @Test
    void test() throws IOException {
      leaked.add(() -> Files.deleteIfExists(FILE));
      Files.createFile(FILE);
    }
  }

  @ExtendWith(LeakCheck.class)
  static class SharesAmongItsTests {
    static Process process;
    static InputStream stream;

    @BeforeAll
    static void open() {
      process = sleep();
      stream = LeakCheckTest.open();
    }

    @Test
    void test() throws IOException {
      stream.close(); // closed and opened again is no growth
      stream = LeakCheckTest.open();
    }

    @AfterAll
    static void close() throws IOException {
      process.destroyForcibly();
      stream.close();
    }
  }

  @ExtendWith(LeakCheck.class)
  static class LeaksInSetUp {
    @BeforeAll
    static void start() {
      open();
    }

    @Test
    void test() {}
  }

  @ExtendWith(LeakCheck.class)
  static class FailsAndLeaks {
    @Test
    void test() {
      sleep();
      throw new IllegalStateException("of the test itself");
    }
  }

  private static EngineExecutionResults run(Class<?> testClass) {
    return EngineTestKit.engine("junit-jupiter")
        .configurationParameter(LeakCheck.PATIENCE_PARAMETER, "300")
        .selectors(selectClass(testClass))
        .execute();
  }

  private static String failure(Events events) {
    return events.failed().stream()
        .findFirst()
        .flatMap(event -> event.getPayload(TestExecutionResult.class))
        .flatMap(TestExecutionResult::getThrowable)
        .map(Throwable::getMessage)
        .orElseThrow();
  }

  @Test
  void aDescriptorIsMissed() {
    String failure = failure(run(LeaksADescriptor.class).testEvents());

    assertTrue(failure.startsWith("test() left behind:\n  1 more of the descriptors ["), failure);
    assertTrue(failure.endsWith(" -> /etc/passwd]"), failure);
  }

  @Test
  void aDescriptorThatMayOutliveIsNot() {
    run(MayLeakADescriptor.class).testEvents().assertStatistics(count -> count.succeeded(1));
  }

  @Test
  void aProcessIsMissedAndKilled() throws Exception {
    String failure = failure(run(LeaksAProcess.class).testEvents());

    assertTrue(failure.matches("(?s).*process \\d+ \\(state [A-Z]\\): sleep 1000"), failure);
    assertEquals(
        0, ProcessHandle.current().children().filter(LeakCheckTest::outlivesASecond).count());
  }

  @Test
  void sharedMemoryIsMissed() {
    String failure = failure(run(LeaksSharedMemory.class).testEvents());

    assertTrue(failure.endsWith("shared memory " + LeaksSharedMemory.FILE), failure);
  }

  @Test
  void whatAClassSharesIsNoLeak() {
    EngineExecutionResults results = run(SharesAmongItsTests.class);

    results.allEvents().assertStatistics(count -> count.failed(0));
    results.testEvents().assertStatistics(count -> count.succeeded(1));
  }

  @Test
  void whatAClassKeepsIsMissedAtItsEnd() {
    EngineExecutionResults results = run(LeaksInSetUp.class);

    results.testEvents().assertStatistics(count -> count.succeeded(1));
    assertTrue(failure(results.containerEvents()).contains("/etc/passwd"));
  }

  @Test
  void aFailureOfItsOwnIsEnough() {
    assertEquals("of the test itself", failure(run(FailsAndLeaks.class).testEvents()));
    assertEquals(
        0, ProcessHandle.current().children().filter(LeakCheckTest::outlivesASecond).count());
  }

  private static boolean outlivesASecond(ProcessHandle process) {
    if (ForkServer.get().pids().contains(process.pid())) {
      return false; // it is kept ready for the next test
    }
    try {
      process.onExit().get(1, TimeUnit.SECONDS);
      return false;
    } catch (Exception e) {
      return true;
    }
  }
}
