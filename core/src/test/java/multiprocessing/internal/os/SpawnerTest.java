package multiprocessing.internal.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import multiprocessing.internal.os.Spawner.Output;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs that are started by {@code posix_spawn}, with nothing of Java in them. */
@ProcessTest
final class SpawnerTest {
  private static final String SHELL = "/bin/sh";

  @TempDir Path folder;

  private Spawner shell(String script) {
    return new Spawner(SHELL, List.of("sh", "-c", script), List.of())
        .stdout(new Output(folder.resolve("out").toString(), false));
  }

  private static int exitCode(long pid) {
    int pidfd = PidFd.open(pid);
    try {
      assertTrue(Descriptors.await(new int[] {pidfd}, -1)[0]);
      return PidFd.reap(pidfd);
    } finally {
      Descriptors.close(pidfd);
    }
  }

  private String output(Spawner spawner) throws Exception {
    assertEquals(0, exitCode(spawner.spawn()));
    return Files.readString(folder.resolve("out"));
  }

  @Test
  void exitCodesAreExact() {
    assertEquals(0, exitCode(shell("exit 0").spawn()));
    assertEquals(255, exitCode(shell("exit 255").spawn()));
    assertEquals(143, exitCode(shell("exit 143").spawn()));
    assertEquals(-15, exitCode(shell("kill -TERM $$").spawn()));
    assertEquals(-9, exitCode(shell("kill -KILL $$").spawn()));
    assertEquals(-6, exitCode(shell("ulimit -c 0; kill -ABRT $$").spawn()));
  }

  @Test
  void aProcessThatRunsIsNotReaped() {
    long pid = shell("read never; kill -STOP $$").spawn();
    int pidfd = PidFd.open(pid);
    assertFalse(Descriptors.await(new int[] {pidfd}, 50)[0], "a stop is not an end");
    assertEquals(PidFd.RUNNING, PidFd.reap(pidfd));
    assertTrue(PidFd.signal(pidfd, ProcessControl.SIGKILL));
    assertTrue(Descriptors.await(new int[] {pidfd}, -1)[0]);
    assertTrue(PidFd.signal(pidfd, ProcessControl.SIGKILL), "to a zombie");
    assertEquals(-9, PidFd.reap(pidfd));
    assertFalse(PidFd.signal(pidfd, ProcessControl.SIGKILL));
    assertEquals(PidFd.UNKNOWN, PidFd.reap(pidfd));
    Descriptors.close(pidfd);
  }

  @Test
  void theEnvironmentIsTheOneGivenInBytes() throws Exception {
    byte[] odd = {'A', '=', (byte) 0xff, (byte) 0xfe};
    Spawner spawner =
        new Spawner(
                SHELL,
                List.of("sh", "-c", "printf %s \"$A$B\"; cat /proc/$$/environ | wc -c"),
                List.of(odd, "B=two".getBytes(StandardCharsets.UTF_8)))
            .stdout(new Output(folder.resolve("out").toString(), false));
    assertEquals(0, exitCode(spawner.spawn()));
    byte[] bytes = Files.readAllBytes(folder.resolve("out"));
    assertEquals((byte) 0xff, bytes[0]);
    assertEquals("two11\n", new String(bytes, 2, bytes.length - 2, StandardCharsets.UTF_8));
  }

  @Test
  void descriptorsGetTheirNumbersWhateverTheyAreHere() throws Exception {
    int[] files = new int[8];
    for (int i = 0; i < files.length; i++) {
      files[i] = Descriptors.memoryFile("test", new byte[] {(byte) ('a' + i)});
    }
    int[] reversed = new int[files.length];
    for (int i = 0; i < files.length; i++) {
      reversed[i] = files[files.length - 1 - i];
    }
    String script = "for i in 3 4 5 6 7 8 9 10; do cat /proc/self/fd/$i; done; ls /proc/$$/fd";
    String text = output(shell(script).give(reversed));
    for (int file : files) {
      Descriptors.close(file);
    }
    assertEquals("hgfedcba", text.substring(0, 8));
    assertEquals(
        List.of("0", "1", "10", "2", "3", "4", "5", "6", "7", "8", "9"),
        text.substring(8).lines().sorted().toList());
  }

  @Test
  void standardInputIsEmptyAndSignalsAreDefault() throws Exception {
    assertEquals("/dev/null\n", output(shell("readlink /proc/self/fd/0")));
    String status = output(shell("grep -E '^Sig(Blk|Ign):' /proc/self/status"));
    for (String line : status.lines().toList()) {
      long set = Long.parseUnsignedLong(line.substring(line.indexOf('\t') + 1), 16);
      for (int signal : new int[] {ProcessControl.SIGINT, ProcessControl.SIGTERM}) {
        assertEquals(0, set >>> (signal - 1) & 1, line);
      }
    }
  }

  @Test
  void theProgramLeadsAGroupOfItsOwn() throws Exception {
    String[] words = output(shell("cut -d' ' -f1,5 /proc/$$/stat")).strip().split(" ", -1);
    assertEquals(words[0], words[1]);
  }

  @Test
  void theFolderAndAppendingAreHeeded() throws Exception {
    Path real = folder.toRealPath();
    assertEquals(real + "\n", output(shell("pwd -P").directory(real.toString())));
    Spawner more = shell("echo more").stdout(new Output(folder.resolve("out").toString(), true));
    assertEquals(real + "\nmore\n", output(more));
  }

  @Test
  void whatCannotBeStartedIsAnError() {
    Spawner spawner = new Spawner("/no/such/program", List.of("x"), List.of());
    OsException thrown = assertThrows(OsException.class, spawner::spawn);
    assertEquals(Errno.ENOENT, thrown.errno());
  }

  @Test
  void signalsHaveNames() {
    assertEquals("SIGHUP", ProcessControl.signalName(1));
    assertEquals("SIGTERM", ProcessControl.signalName(15));
    assertEquals("SIGSYS", ProcessControl.signalName(31));
    assertEquals("signal 34", ProcessControl.signalName(34));
  }
}
