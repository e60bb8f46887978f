package multiprocessing.memory;

import static multiprocessing.memory.SharedMemoryTest.exists;
import static multiprocessing.memory.SharedMemoryTest.freshName;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;
import multiprocessing.queue.ProcessQueue;
import multiprocessing.testing.Children;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of shared memory at the end of the program that owns it. */
@ProcessTest
final class OwnerTest {
  private static final int BY_SIGKILL = 137;
  private static final int BY_SIGTERM = 143;

  @TempDir Path folder;

  private Process start(String way, String name) throws IOException {
    return new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                OwnerProgram.class.getName(),
                way,
                name))
        .redirectError(folder.resolve("err").toFile())
        .start();
  }

  private String err() throws IOException {
    return Files.readString(folder.resolve("err"));
  }

  @Test
  @Proves({164, 214})
  void aProgramThatUnlinksItsBlocksIsNotWarned() throws Exception {
    String name = freshName();
    assertEquals(0, start("unlinks", name).waitFor());
    assertEquals("", err());
    assertFalse(exists(name));
  }

  @Test
  @Proves({169, 214})
  void whatAProgramForgetsIsUnlinkedAtItsEnd() throws Exception {
    String name = freshName();
    assertEquals(0, start("returns", name).waitFor());
    assertFalse(exists(name));
    assertTrue(err().contains("'" + name + "' was not unlinked by its owner"), err());
  }

  @Test
  @Proves(169)
  void aProgramThatIsTerminatedUnlinksItsBlocks() throws Exception {
    String name = freshName();
    Process program = start("waits", name);
    Children.await(() -> exists(name));
    program.destroy();
    assertEquals(BY_SIGTERM, program.waitFor());
    assertFalse(exists(name));
  }

  @Test
  @Proves({169, 214})
  void theNextProgramRemovesTheBlocksOfOneThatWasKilled() throws Exception {
    String name = freshName();
    Process program = start("waits", name);
    Children.await(() -> exists(name));
    program.destroyForcibly();
    assertEquals(BY_SIGKILL, program.waitFor());
    // Any program does, so one of another build may have been faster.
    assertEquals(0, start("starts", name).waitFor());
    assertFalse(exists(name));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "IN_PROCESS")
  @Proves({169, 214})
  void theBlocksOfAKilledChildGo(StartMethod method) throws Exception {
    String name = freshName();
    ProcessQueue<String> said = new ProcessQueue<>();
    ChildProcess child =
        Children.start(
            method,
            () -> {
              SharedMemoryManager manager = new SharedMemoryManager();
              SharedMemory.create(name, 64);
              said.put(manager.sharedMemory(8).name());
              said.put(manager.shareableList(1, 2).memory().name());
              Thread.sleep(Long.MAX_VALUE);
            });
    String first = said.take();
    String second = said.take();
    assertTrue(exists(name) && exists(first) && exists(second));
    try (SharedMemory attached = SharedMemory.attach(name)) {
      attached.segment().set(ValueLayout.JAVA_INT, 0, 5);
      Children.kill(child);
      assertEquals(5, attached.segment().get(ValueLayout.JAVA_INT, 0), "who has it keeps it");
    }
    for (String each : new String[] {name, first, second}) {
      assertThrows(NoSuchFileException.class, () -> SharedMemory.attach(each));
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "IN_PROCESS")
  @Proves(169)
  void theBlocksOfAChildThatEndsGo(StartMethod method) throws Exception {
    String returns = freshName();
    String exits = freshName();
    String terminated = freshName();
    String kept = freshName();
    ChildProcess first =
        Children.start(
            method,
            () -> {
              SharedMemory.create(returns, 64);
              SharedMemory.create(kept, 64).disown();
            });
    ChildProcess second =
        Children.start(
            method,
            () -> {
              SharedMemory.create(exits, 64);
              System.exit(0);
            });
    ChildProcess third =
        Children.start(
            method,
            () -> {
              SharedMemory.create(terminated, 64);
              Thread.sleep(Long.MAX_VALUE);
            });
    Children.joinAll(first, second);
    Children.await(() -> exists(terminated));
    third.terminate();
    assertEquals(-15, Children.exitCode(third));
    for (String each : new String[] {returns, exits, terminated}) {
      assertThrows(NoSuchFileException.class, () -> SharedMemory.attach(each));
    }
    try (SharedMemory memory = SharedMemory.attach(kept)) {
      memory.unlink();
    }
  }
}
