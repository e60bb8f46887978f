package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import multiprocessing.Multiprocessing;
import multiprocessing.internal.launch.ForkServer;
import multiprocessing.logging.LogLevel;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fork server where nothing can be forked. */
@ProcessTest
final class ForkServerFallbackTest {
  @TempDir Path folder;

  /** Tells what its children are and how they end. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) throws Exception {
      if (arguments.length > 1) {
        Multiprocessing.logToStderr(LogLevel.WARNING);
      }
      ForkServers.spares(2);
      for (int i = 0; i < 3; i++) {
        List<Long> ready = ForkServer.get().pids();
        int number = i;
        ChildProcess child =
            ChildProcess.builder()
                .startMethod(StartMethod.FORKSERVER)
                .target(
                    () -> {
                      System.out.println("child " + number + ", " + TimeZones.here());
                      System.exit(number);
                    })
                .build();
        // Set after the first spares were started.
        TimeZones.set(i);
        child.start();
        boolean wasReady = ready.contains(child.pid().orElseThrow());
        child.join();
        System.out.println(wasReady + ", exit code " + child.exitCode().orElseThrow());
      }
      ChildProcess last =
          ChildProcess.builder()
              .startMethod(StartMethod.FORKSERVER)
              .target(ChildTests::sleepLong)
              .start();
      last.terminate();
      last.join();
      System.out.println("exit code " + last.exitCode().orElseThrow());
    }
  }

  private static final class TimeZones {
    static void set(int number) {
      java.util.TimeZone.setDefault(java.util.TimeZone.getTimeZone("GMT+0" + number + ":00"));
    }

    static String here() {
      return java.util.TimeZone.getDefault().getID();
    }
  }

  private static final String OUTPUT =
      """
      child 0, GMT+00:00
      false, exit code 0
      child 1, GMT+01:00
      true, exit code 1
      child 2, GMT+02:00
      true, exit code 2
      exit code -15
      """;

  @Test
  void freshMachinesAreKeptReady() throws Exception {
    Root root =
        new Root.Setup(folder).options("-Dmultiprocessing.fork=off").start(Program.class, "log");
    assertEquals(0, root.exitCode(), root.err());
    assertEquals(OUTPUT, root.out());
    List<String> log = root.err().lines().toList();
    assertEquals(1, log.size(), root.err());
    assertTrue(log.getFirst().startsWith("[WARNING/MainProcess] "), root.err());
    assertTrue(log.getFirst().contains("-Dmultiprocessing.fork=off"), root.err());
  }

  @Test
  void nobodyIsToldWhoDoesNotAsk() throws Exception {
    Root root = new Root.Setup(folder).options("-Dmultiprocessing.fork=off").start(Program.class);
    assertEquals(0, root.exitCode(), root.err());
    assertEquals(OUTPUT, root.out());
    assertEquals("", root.err());
  }
}
