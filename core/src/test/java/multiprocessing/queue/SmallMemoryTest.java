package multiprocessing.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens when shared memory is used up: an exception, and then life goes on. */
@ProcessTest
@Deadline(seconds = 60)
class SmallMemoryTest {
  private static String run(String size, String program) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-Dmultiprocessing.sharedMemory=" + size);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(program);
    Process root = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(root.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return output.strip() + "/" + root.waitFor();
  }

  @ParameterizedTest
  @ValueSource(strings = {"4m", "8192k", "12000000"})
  void exhaustionIsAnExceptionAndTheQueueStaysUsable(String size)
      throws IOException, InterruptedException {
    assertEquals("all is well/0", run(size, SmallMemoryProgram.class.getName()));
  }

  @Test
  void aSizeThatIsNoneIsNamed() throws IOException, InterruptedException {
    String output = run("much", SmallMemoryProgram.class.getName());
    assertEquals(
        true,
        output.contains("-Dmultiprocessing.sharedMemory=much is not a size")
            && output.endsWith("/1"),
        output);
  }
}
