package multiprocessing.internal.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.Test;

/** What the kernel says of processes. */
@ProcessTest
class ProcessStatTest {
  @Test
  void tellsOfThisProcess() {
    ProcessStat self = ProcessStat.self();
    assertTrue(self.isAlive());
    assertEquals(self.startTime(), ProcessStat.of((int) ProcessHandle.current().pid()).startTime());
    assertEquals(
        ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(0L), self.parent());
  }

  @Test
  void aProcessThatIsNotThereIsDead() {
    assertFalse(ProcessStat.of(Integer.MAX_VALUE).isAlive());
  }

  @Test
  void readsPastOddNames() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("bash", "-c", "printf ') Z (' > /proc/self/comm; read").start();
    int pid = (int) process.pid();
    while (!new ProcessBuilder("cat", "/proc/" + pid + "/comm")
        .start()
        .inputReader()
        .readLine()
        .contains("Z")) {
      Thread.sleep(2);
    }
    ProcessStat stat = ProcessStat.of(pid);
    assertTrue(stat.isAlive());
    assertEquals(ProcessHandle.current().pid(), stat.parent());
    assertNotEquals(0, stat.startTime());
    process.destroyForcibly().waitFor();
    assertFalse(ProcessStat.of(pid).isAlive());
  }

  @Test
  void anInterruptedThreadSeesTheLivingAsAlive() {
    Thread.currentThread().interrupt();
    assertTrue(ProcessStat.of((int) ProcessHandle.current().pid()).isAlive());
    assertTrue(Thread.interrupted());
  }

  /** Uses up its descriptors, then looks at a process that is alive. */
  static final class WithoutDescriptors {
    private WithoutDescriptors() {}

    public static void main(String[] arguments) {
      int pid = Integer.parseInt(arguments[0]);
      boolean before = ProcessStat.of(pid).isAlive();
      boolean _ =
          ProcessControl.signal(
              pid, 0); // a class that is not loaded could not be, without descriptors
      List<FileInputStream> files = new ArrayList<>();
      boolean after;
      try {
        while (true) {
          files.add(new FileInputStream(new File("/dev/null")));
        }
      } catch (IOException e) {
        after = ProcessStat.of(pid).isAlive();
      }
      for (FileInputStream file : files) {
        try {
          file.close();
        } catch (IOException e) {
          throw new AssertionError(e);
        }
      }
      System.out.println("alive: " + before + " " + after);
    }
  }

  @Test
  void whoCannotLookDoesNotDeclareTheLivingDead() throws IOException, InterruptedException {
    Process root =
        new ProcessBuilder(
                "bash",
                "-c",
                "ulimit -n 120; exec \"$@\"",
                "bash",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                WithoutDescriptors.class.getName(),
                "" + ProcessHandle.current().pid())
            .redirectErrorStream(true)
            .start();
    String output = new String(root.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    root.waitFor();
    assertEquals("alive: true true", output.strip());
  }

  @Test
  void theMachineHasMemory() {
    long bytes = MachineMemory.bytes();
    assertTrue(bytes > 64L * 1024 * 1024, bytes + " bytes");
    assertTrue(bytes < 1L << 46, bytes + " bytes");
  }
}
