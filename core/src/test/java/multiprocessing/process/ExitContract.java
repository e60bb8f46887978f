package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import multiprocessing.testing.Children;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;

/** How a child ends, and what its exit code says of it, however it is started, also as a thread. */
abstract class ExitContract extends ChildTests {
  ExitContract(StartMethod method) {
    super(method);
  }

  @Test
  @Proves(32)
  void aTaskThatReturnsGivesZero() throws Exception {
    assertEquals(0, run(() -> {}));
  }

  @Test
  @Proves({31, 32})
  void anUncaughtThrowableGivesOneAndItsTrace() throws Exception {
    ChildProcess.Builder raises =
        child(
            () -> {
              throw new IOException("There was an error!");
            });
    List<String> lines = errorsOf(raises.name("raises"), 1).lines().toList();
    assertEquals("Process raises:", lines.get(0));
    assertEquals("java.io.IOException: There was an error!", lines.get(1));
    assertTrue(lines.get(2).contains("ExitContract"), lines.get(2));
  }

  @Test
  void anErrorIsAThrowableToo() throws Exception {
    assertTrue(errorsOf(child(() -> endless(0)), 1).contains("StackOverflowError"));
  }

  private static int endless(int depth) {
    return depth < 0 ? 0 : endless(depth + 1) + endless(depth + 2);
  }

  @Test
  @Proves({12, 13, 14})
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
  @Proves(23)
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
  @Proves({172, 251})
  void theEndHasAnOrder() throws Exception {
    Path file = folder.resolve("order");
    Files.createFile(file);
    String path = file.toString();
    StartMethod inner = method;
    assertEquals(
        0,
        run(
            () -> {
              Finalizer.atExit(-1, () -> append(path, "last"));
              Finalizer.atExit(() -> append(path, "second"));
              Finalizer.atExit(() -> append(path, "first of equals"));
              Finalizer.atExit(7, () -> append(path, "highest"));
              assertTrue(Finalizer.atExit(() -> append(path, "never")).cancel());
              ChildProcess.builder()
                  .startMethod(inner)
                  .daemon(true)
                  .target(ChildTests::sleepLong)
                  .start();
              ChildProcess.builder()
                  .startMethod(inner)
                  .target(
                      () -> {
                        while (!Files.readString(Path.of(path)).contains("second")) {
                          Thread.sleep(2);
                        }
                        append(path, "child");
                      })
                  .start();
            }));
    assertEquals(
        List.of("highest", "first of equals", "second", "child", "last"), Files.readAllLines(file));
  }

  static void append(String path, String line) {
    unchecked(() -> Files.writeString(Path.of(path), line + "\n", StandardOpenOption.APPEND));
  }

  @Test
  void aFinalizerThatFailsIsInNobodysWay() throws Exception {
    Path file = folder.resolve("order");
    Files.createFile(file);
    String path = file.toString();
    assertEquals(
        0,
        run(
            () -> {
              Finalizer.atExit(() -> append(path, "goes on"));
              Finalizer.atExit(
                  () -> {
                    throw new IllegalStateException("a finalizer");
                  });
            }));
    assertEquals(List.of("goes on"), Files.readAllLines(file));
  }
}
