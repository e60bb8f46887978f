package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import multiprocessing.Multiprocessing;
import multiprocessing.logging.LogLevel;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a whole tree of processes ends, whatever happens to its root. */
@ProcessTest
final class EndOfTreeTest {
  private static final int BY_SIGINT = 130;
  private static final int BY_SIGTERM = 143;
  private static final int BY_SIGKILL = 137;

  @TempDir Path folder;

  /** A root that waits for a child that waits for a grandchild that sleeps. */
  static final class Tree {
    private Tree() {}

    public static void main(String[] arguments) throws Exception {
      String folder = arguments[0];
      ChildProcess child =
          ChildProcess.of(
              () -> {
                ChildProcess below =
                    ChildProcess.of(
                        () -> {
                          Root.report(folder);
                          Thread.sleep(600_000);
                        });
                below.start();
                Root.report(folder);
                below.join();
              });
      child.start();
      var told = child.onExit().thenAccept(code -> System.out.println("told of " + code));
      child.join();
      told.join(); // a daemon thread tells it, and main's exception ends the process
      throw new IllegalStateException("a worker was lost");
    }
  }

  @Test
  void aTreeEndsWithItsKilledRoot() throws Exception {
    Root root = Root.start(folder, Tree.class);
    List<Long> pids = root.pids(2);
    root.signal("KILL");
    assertEquals(BY_SIGKILL, root.exitCode());
    Root.awaitGone(pids);
  }

  @Test
  void stoppedChildrenEndWithTheirKilledRootToo() throws Exception {
    Root root = Root.start(folder, Tree.class);
    List<Long> pids = root.pids(2);
    for (long pid : pids) {
      Root.kill("STOP", pid);
    }
    root.signal("KILL");
    assertEquals(BY_SIGKILL, root.exitCode());
    Root.awaitGone(pids);
  }

  @Test
  void aGrandchildEndsWithItsKilledParent() throws Exception {
    Root root = Root.start(folder, Tree.class);
    List<Long> pids = root.pids(2);
    for (long pid : pids) {
      if (ProcessHandle.of(pid).flatMap(ProcessHandle::parent).stream()
          .anyMatch(parent -> !pids.contains(parent.pid()))) {
        Root.kill("KILL", pid);
      }
    }
    assertEquals(1, root.exitCode());
    assertTrue(root.err().contains("a worker was lost"), root.err());
    assertTrue(root.out().contains("told of -9"), root.out());
    Root.awaitGone(pids);
  }

  @Test
  void ctrlCEndsATreeInSilence() throws Exception {
    Root root = Root.start(folder, Tree.class);
    List<Long> pids = root.pids(2);
    root.signal("INT");
    assertEquals(BY_SIGINT, root.exitCode());
    Root.awaitGone(pids);
    assertEquals("", root.out() + root.err());
  }

  @Test
  void terminationEndsATreeInSilence() throws Exception {
    Root root = Root.start(folder, Tree.class);
    List<Long> pids = root.pids(2);
    Root.kill("STOP", pids.getFirst());
    root.signal("TERM");
    assertEquals(BY_SIGTERM, root.exitCode());
    Root.awaitGone(pids);
    assertEquals("", root.out() + root.err());
  }

  /** A root that leaves while its children run. */
  static final class Leaver {
    private Leaver() {}

    public static void main(String[] arguments) throws Exception {
      String folder = arguments[0];
      ChildProcess.builder()
          .daemon(true)
          .target(
              () -> {
                Root.report(folder);
                Thread.sleep(600_000);
              })
          .start();
      ChildProcess.of(
              () -> {
                Root.report(folder);
                Thread.sleep(1_000);
                Files.writeString(Path.of(folder, "finished"), "yes");
              })
          .start();
      while (Path.of(folder).toFile().list().length < 4) { // out, err and two pids
        Thread.sleep(2);
      }
      if (arguments.length > 1) {
        System.exit(Integer.parseInt(arguments[1]));
      }
    }
  }

  @Test
  void theRootStaysForItsChildrenButNotForDaemons() throws Exception {
    Root root = Root.start(folder, Leaver.class);
    List<Long> pids = root.pids(2);
    assertEquals(0, root.exitCode());
    assertTrue(Files.exists(folder.resolve("finished")));
    Root.awaitGone(pids);
    assertEquals("", root.out() + root.err());
  }

  @Test
  void systemExitDoesNotWaitForChildren() throws Exception {
    Root root = Root.start(folder, Leaver.class, "3");
    List<Long> pids = root.pids(2);
    assertEquals(3, root.exitCode());
    Root.awaitGone(pids);
    assertTrue(Files.notExists(folder.resolve("finished")));
  }

  /** The seed's example of logging. */
  static final class Talker {
    private Talker() {}

    public static void main(String[] arguments) throws Exception {
      if (arguments[1].equals("logger")) {
        Multiprocessing.logToStderr();
        Multiprocessing.logger().setLevel(Level.parse(arguments[2]));
      } else {
        Multiprocessing.logToStderr(LogLevel.DEBUG);
      }
      ChildProcess child = Multiprocessing.process(() -> System.out.println("Doing some work"));
      child.start();
      child.join();
      if (arguments[1].equals("child")) {
        ChildProcess talkative =
            Multiprocessing.process(
                () -> Multiprocessing.logger().log(LogLevel.SUBWARNING, "of its own"));
        talkative.start();
        talkative.join();
      }
    }
  }

  @Test
  void theLogIsTheOneOfTheSeed() throws Exception {
    Root root = Root.start(folder, Talker.class, "log");
    assertEquals(0, root.exitCode());
    assertEquals("Doing some work\n", root.out());
    assertEquals(
        """
        [INFO/Process-1] child process calling self.run()
        [INFO/Process-1] process shutting down
        [DEBUG/Process-1] running all "atexit" finalizers with priority >= 0
        [DEBUG/Process-1] running the remaining "atexit" finalizers
        [INFO/Process-1] process exiting with exitcode 0
        [INFO/MainProcess] process shutting down
        [DEBUG/MainProcess] running all "atexit" finalizers with priority >= 0
        [DEBUG/MainProcess] running the remaining "atexit" finalizers
        """,
        root.err());
  }

  @Test
  @Proves(176)
  void theLevelIsInherited() throws Exception {
    Root root = Root.start(folder, Talker.class, "logger", "INFO");
    assertEquals(0, root.exitCode());
    assertEquals(
        """
        [INFO/Process-1] child process calling self.run()
        [INFO/Process-1] process shutting down
        [INFO/Process-1] process exiting with exitcode 0
        [INFO/MainProcess] process shutting down
        """,
        root.err());
  }

  @Test
  void theLoggerIsSilentUntilItsLevelIsSet() throws Exception {
    Root root = Root.start(folder, Talker.class, "logger", "OFF");
    assertEquals(0, root.exitCode());
    assertEquals("", root.err());
  }

  @Test
  void aChildTalksThroughTheLogger() throws Exception {
    Root root = Root.start(folder, Talker.class, "child");
    assertEquals(0, root.exitCode());
    assertTrue(root.err().contains("[SUBWARNING/Process-2] of its own\n"), root.err());
  }
}
