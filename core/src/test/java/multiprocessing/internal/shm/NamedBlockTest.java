package multiprocessing.internal.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;
import multiprocessing.testing.Children;
import multiprocessing.testing.CrashPoints;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names of blocks, and what becomes of them when their maker is killed while it makes them. */
@ProcessTest
final class NamedBlockTest {
  private static final Path FOLDER = Path.of("/dev/shm");

  private static boolean exists(String name) {
    return Files.exists(FOLDER.resolve(name));
  }

  /** The records of blocks that a process owns. */
  private static List<Path> records(long pid) throws Exception {
    int uid = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    Path folder = FOLDER.resolve(".multiprocessing-" + uid);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> records = Files.list(folder)) {
      return records.filter(each -> each.getFileName().toString().startsWith(pid + "-")).toList();
    }
  }

  private static String freshName() {
    return "mp_test_" + ProcessHandle.current().pid() + "_" + System.nanoTime();
  }

  @Test
  @Proves(158)
  void aNameThatIsTakenIsLeftToItsOwner() throws Exception {
    String taken = freshName();
    NamedBlock first = NamedBlock.create(taken, 16);
    Queue<String> names = new ConcurrentLinkedQueue<>(List.of(taken, taken, taken + "_2"));
    NamedBlock second = NamedBlock.create(names::remove, 16);
    assertEquals(taken + "_2", second.name());
    assertThrows(FileAlreadyExistsException.class, () -> NamedBlock.create(() -> taken, 16));
    assertTrue(exists(taken));
    for (NamedBlock block : List.of(first, second)) {
      block.unlink();
      block.close();
    }
  }

  @Test
  void aBlockIsOnRecordUntilItIsUnlinked() throws Exception {
    long pid = ProcessHandle.current().pid();
    NamedBlock one = NamedBlock.create(freshName(), 16);
    NamedBlock other = NamedBlock.create(freshName(), 16);
    assertEquals(2, records(pid).size());
    one.unlink();
    assertEquals(1, records(pid).size());
    other.disown();
    assertEquals(0, records(pid).size());
    assertTrue(exists(other.name()));
    other.unlink();
    one.close();
    other.close();
  }

  @Test
  void theSweepLeavesTheLivingAlone() throws Exception {
    NamedBlock block = NamedBlock.create(freshName(), 16);
    Owners.sweep();
    Owners.sweep(ProcessHandle.current().pid());
    assertTrue(exists(block.name()));
    block.unlink();
    block.close();
  }

  @Test
  void theSweepLeavesAnotherBlockOfTheSameNameAlone() throws Exception {
    String name = freshName();
    ChildProcess maker =
        Children.start(
            StartMethod.SPAWN,
            () -> {
              NamedBlock.create(name, 16);
              Thread.sleep(Long.MAX_VALUE);
            });
    long pid = maker.pid().orElseThrow();
    Children.await(() -> exists(name));
    Files.delete(FOLDER.resolve(name));
    Files.createFile(FOLDER.resolve(name));
    Children.kill(maker);
    Owners.sweep();
    assertTrue(exists(name));
    Files.delete(FOLDER.resolve(name));
    assertEquals(List.of(), records(pid));
  }

  @ParameterizedTest
  @Tag("crash")
  @CsvSource({"named.recorded", "named.named"})
  void whoIsKilledWhileItMakesABlockLeavesNothing(String crashPoint) throws Exception {
    String name = freshName();
    ChildProcess maker = CrashPoints.doomed(() -> NamedBlock.create(name, 16), crashPoint, 1);
    long pid = maker.pid().orElseThrow();
    assertEquals(Children.KILLED, Children.exitCode(maker));
    assertFalse(exists(name));
    assertEquals(List.of(), records(pid));
  }

  @Test
  @Tag("crash")
  void whoIsKilledWhileItSweepsLeavesTheRestToTheNext() throws Exception {
    String name = freshName();
    Path note = Files.createTempFile("multiprocessing", ".pid");
    String file = note.toString();
    StartMethod method = CrashPoints.startMethod();
    ChildProcess sweeper =
        CrashPoints.doomed(
            () -> {
              ChildProcess maker = Children.start(method, () -> makeAndDie(name, file));
              int _ = Children.exitCode(maker);
              Thread.sleep(Long.MAX_VALUE); // until its block is swept
            },
            "owners.swept",
            1);
    assertEquals(Children.KILLED, Children.exitCode(sweeper));
    assertFalse(exists(name));
    long maker = Long.parseLong(Files.readString(note));
    Owners.sweep();
    assertEquals(List.of(), records(maker));
    Files.delete(note);
  }

  private static void makeAndDie(String name, String file) throws Exception {
    NamedBlock _ = NamedBlock.create(name, 16);
    Files.writeString(Path.of(file), "" + ProcessHandle.current().pid());
    Runtime.getRuntime().halt(3);
  }
}
