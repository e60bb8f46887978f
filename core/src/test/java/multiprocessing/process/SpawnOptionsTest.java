package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What a child has that is a fresh virtual machine. */
final class SpawnOptionsTest extends MachineOptionsContract {
  SpawnOptionsTest() {
    super(StartMethod.SPAWN);
  }

  @Test
  void aVeryLongClassPathFits() throws Exception {
    String classPath = System.getProperty("java.class.path");
    StringBuilder longer = new StringBuilder(classPath);
    for (int i = 0; longer.length() < 400_000; i++) {
      longer
          .append(File.pathSeparator)
          .append(folder)
          .append("/there is \"no\" such jar-")
          .append(i);
    }
    try {
      System.setProperty("java.class.path", longer.toString());
      int length = Integer.parseInt(ask(() -> "" + System.getProperty("java.class.path").length()));
      assertTrue(length >= longer.length(), "" + length);
    } finally {
      System.setProperty("java.class.path", classPath);
    }
  }

  /** Which takes a fresh virtual machine some 10 ms, be it for one number. */
  @Test
  void anEmptyTaskDoesNotComeToUseForeignMemory() throws Exception {
    Path loaded = folder.resolve("loaded");
    ProcessOptions options =
        ProcessOptions.builder()
            .jvmOptions("-XX:AOTMode=off", "-Xlog:class+load:file=" + loaded)
            .build();
    ChildProcess child =
        ChildProcess.builder()
            .target(() -> {})
            .startMethod(StartMethod.SPAWN)
            .options(options)
            .start();
    child.join();
    assertEquals(OptionalInt.of(0), child.exitCode());
    List<String> classes = Files.readAllLines(loaded);
    assertTrue(classes.stream().anyMatch(line -> line.contains(" multiprocessing.")));
    assertEquals(
        List.of(), classes.stream().filter(line -> line.contains("MemorySegmentImpl")).toList());
  }
}
