package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import multiprocessing.testing.Children;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;

/** How a child ends that is a process of the system, however it is started. */
abstract class RealExitContract extends ExitContract {
  RealExitContract(StartMethod method) {
    super(method);
  }

  @Test
  @Proves(32)
  void systemExitGivesItsNumber() throws Exception {
    assertEquals(1, run(() -> System.exit(1)));
    assertEquals(0, run(() -> System.exit(0)));
    assertEquals(143, run(() -> System.exit(143)), "which is not death by SIGTERM");
  }

  @Test
  @Proves(32)
  void runtimeHaltGivesItsNumber() throws Exception {
    assertEquals(8, run(() -> Runtime.getRuntime().halt(8)));
  }

  @Test
  void signalsAtAnyMomentOfTheStartGiveTheirNegativeNumbersInSilence() throws Exception {
    Path errors = folder.resolve("errors");
    ProcessOptions options =
        ProcessOptions.builder().stderr(Redirect.appendTo(errors.toFile())).build();
    for (int millis = 0; millis < 160; millis += 5) {
      ChildProcess child = child(ChildTests::sleepLong).options(options).start();
      Thread.sleep(millis);
      if (millis % 2 == 0) {
        child.terminate();
        assertEquals(-SIGTERM, Children.exitCode(child), "after " + millis + " ms");
      } else {
        child.interrupt();
        assertEquals(-SIGINT, Children.exitCode(child), "after " + millis + " ms");
      }
      assertEquals("", Files.readString(errors), "after " + millis + " ms");
    }
  }

  @Test
  void aSignalThatSomebodyElseSendsCountsAsWell() throws Exception {
    ChildProcess child = sleeper();
    assertTrue(ProcessHandle.of(child.pid().orElseThrow()).orElseThrow().destroy());
    assertEquals(-SIGTERM, Children.exitCode(child));
  }

  @Test
  void aStoppedChildCanBeKilled() throws Exception {
    ChildProcess child = sleeper();
    assertEquals(
        0, new ProcessBuilder("kill", "-STOP", "" + child.pid().orElseThrow()).start().waitFor());
    child.kill();
    assertEquals(-SIGKILL, Children.exitCode(child));
  }

  @Test
  @Proves(251)
  void aShutdownHookOfTheTaskRuns() throws Exception {
    Path file = folder.resolve("hook");
    String path = file.toString();
    assertEquals(
        0,
        run(
            () ->
                Runtime.getRuntime()
                    .addShutdownHook(
                        new Thread(
                            () -> unchecked(() -> Files.writeString(Path.of(path), "ran"))))));
    assertEquals("ran", Files.readString(file));
  }

  @Test
  @Proves(25)
  @SuppressWarnings("SystemOut")
  void aChildMayCloseItsStreams() throws Exception {
    assertEquals(
        0,
        run(
            () -> {
              System.out.close();
              System.err.close();
            }));
  }

  @Test
  @Proves(24)
  @SuppressWarnings("SystemOut")
  void aChildStartsWhereTheParentHasClosedItsStreams() throws Exception {
    PrintStream out = System.out;
    PrintStream err = System.err;
    try {
      PrintStream closed = new PrintStream(OutputStream.nullOutputStream());
      closed.close();
      System.setOut(closed);
      System.setErr(closed);
      assertEquals(0, run(() -> {}));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }
}
