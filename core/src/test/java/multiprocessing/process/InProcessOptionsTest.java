package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import multiprocessing.error.StartException;
import org.junit.jupiter.api.Test;

/** Which options a child can have that is a thread of this virtual machine. */
final class InProcessOptionsTest extends ChildTests {
  InProcessOptionsTest() {
    super(StartMethod.IN_PROCESS);
  }

  @Test
  void whatOnlyAProcessCanHaveIsRefused() {
    List<ProcessOptions.Builder> refused =
        List.of(
            ProcessOptions.builder().heapLimit(100_000_000),
            ProcessOptions.builder().jvmOptions("-Xss4m"),
            ProcessOptions.builder().environment("NAME", "value"),
            ProcessOptions.builder().directory(folder),
            ProcessOptions.builder().stdout(Redirect.DISCARD),
            ProcessOptions.builder().stderr(Redirect.to(folder.resolve("errors").toFile())));
    for (ProcessOptions.Builder options : refused) {
      ChildProcess child = child(() -> {}).options(options.build()).name("asker").build();
      StartException thrown = assertThrows(StartException.class, child::start);
      String message = String.valueOf(thrown.getMessage());
      assertTrue(message.contains("asker") && message.contains("SPAWN"), message);
    }
  }

  private static String thread(String file, String label) throws Exception {
    return Files.readAllLines(Path.of("/proc/thread-self/" + file)).stream()
        .filter(line -> line.startsWith(label))
        .findFirst()
        .orElseThrow()
        .substring(label.length());
  }

  private String askWith(ProcessOptions.Builder options, SerializableSupplier<String> question)
      throws Exception {
    Path answer = folder.resolve("answer");
    ChildProcess child =
        child(() -> Files.writeString(answer, question.get())).options(options.build()).start();
    child.join();
    assertEquals(0, child.exitCode().orElseThrow());
    return Files.readString(answer);
  }

  @Test
  void itsThreadsAreBoundToProcessors() throws Exception {
    String own = thread("status", "Cpus_allowed_list:\t");
    SerializableSupplier<String> allowed = () -> thread("status", "Cpus_allowed_list:\t");
    assertEquals("0", askWith(ProcessOptions.builder().processors(0), allowed));
    assertEquals(own, allowed.get());
    assertThrows(
        StartException.class, () -> askWith(ProcessOptions.builder().processors(1_000), allowed));
  }

  @Test
  void itsThreadsAreNice() throws Exception {
    SerializableSupplier<String> nice =
        () -> "" + OptionsContract.niceness(Path.of("/proc/thread-self"));
    assertEquals("9", askWith(ProcessOptions.builder().nice(9), nice));
  }
}
