package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import multiprocessing.testing.Children;
import org.junit.jupiter.api.Test;

/** How a child ends, and what its exit code says of it, however it is started. */
abstract class ExitContract extends ChildTests {
  ExitContract(StartMethod method) {
    super(method);
  }

  @Test
  void aTaskThatReturnsGivesZero() throws Exception {
    assertEquals(0, run(() -> {}));
  }

  @Test
  void systemExitGivesItsNumber() throws Exception {
    assertEquals(1, run(() -> System.exit(1)));
    assertEquals(0, run(() -> System.exit(0)));
    assertEquals(143, run(() -> System.exit(143)), "which is not death by SIGTERM");
  }

  @Test
  void runtimeHaltGivesItsNumber() throws Exception {
    assertEquals(8, run(() -> Runtime.getRuntime().halt(8)));
  }

  @Test
  void anUncaughtThrowableGivesOneAndItsTrace() throws Exception {
    Path errors = folder.resolve("errors");
    ChildProcess raises =
        child(
                () -> {
                  throw new IOException("There was an error!");
                })
            .name("raises")
            .options(ProcessOptions.builder().stderr(Redirect.to(errors.toFile())).build())
            .start();
    assertEquals(1, Children.exitCode(raises));
    List<String> lines = Files.readAllLines(errors);
    assertEquals("Process raises:", lines.get(0));
    assertEquals("java.io.IOException: There was an error!", lines.get(1));
    assertTrue(lines.get(2).contains("ExitContract"), lines.get(2));
  }

  @Test
  void anErrorIsAThrowableToo() throws Exception {
    Path errors = folder.resolve("errors");
    ChildProcess child =
        child(() -> endless(0))
            .options(ProcessOptions.builder().stderr(Redirect.to(errors.toFile())).build())
            .start();
    assertEquals(1, Children.exitCode(child));
    assertTrue(Files.readString(errors).contains("StackOverflowError"));
  }

  private static int endless(int depth) {
    return depth < 0 ? 0 : endless(depth + 1) + endless(depth + 2);
  }

  @Test
  void signalsGiveTheirNegativeNumbers() throws Exception {
    ChildProcess interrupted = sleeper();
    interrupted.interrupt();
    ChildProcess terminated = sleeper();
    terminated.terminate();
    ChildProcess killed = sleeper();
    killed.kill();
    assertEquals(-SIGINT, Children.exitCode(interrupted));
    assertEquals(-SIGTERM, Children.exitCode(terminated));
    assertEquals(-SIGKILL, Children.exitCode(killed));
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
  void aChildWaitsForItsThreadsButNotForDaemons() throws Exception {
    Path file = folder.resolve("late");
    String path = file.toString();
    assertEquals(
        0,
        run(
            () -> {
              Thread daemon = new Thread(() -> unchecked(ChildTests::sleepLong));
              daemon.setDaemon(true);
              daemon.start();
              Thread late =
                  new Thread(
                      () ->
                          unchecked(
                              () -> {
                                Thread.sleep(200);
                                Files.writeString(Path.of(path), "done");
                              }));
              late.setDaemon(false); // as is the thread of a task, unless a daemon has forked
              late.start();
            }));
    assertEquals("done", Files.readString(file));
  }

  @Test
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
}
