package multiprocessing.internal.serial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import multiprocessing.spi.Serializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A virtual machine that has just started: what it loads, and what it prints. */
@Timeout(60)
final class ColdTest {
  @TempDir private Path folder;

  /** Runs {@link ColdMain} in a new virtual machine and returns what it wrote, and loaded. */
  private List<String> run(String argument, String... options)
      throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    Path classes = folder.resolve("classes");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-Xlog:class+load:file=" + classes);
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(ColdMain.class.getName(), argument));
    Process child =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertTrue(child.waitFor(50, TimeUnit.SECONDS));
    assertEquals("done\n", Files.readString(output));
    assertEquals(0, child.exitValue());
    return Files.readAllLines(classes);
  }

  private static Stream<String> ofFory(List<String> classes) {
    return classes.stream().filter(line -> line.contains("org.apache.fory"));
  }

  @Test
  void everydayObjectsDoNotLoadFory() throws Exception {
    assertEquals(List.of(), ofFory(run("everyday")).toList());
  }

  @Test
  void objectThatNeedsForyGetsItAndNothingIsPrinted() throws Exception {
    assertTrue(ofFory(run("demanding")).findAny().isPresent());
  }

  @Test
  void propertyChoosesJavaSerialization() throws Exception {
    List<String> classes = run("everyday", "-D" + Serializer.PROPERTY + "=java");
    assertEquals(List.of(), ofFory(classes).toList());
  }

  @Test
  void filterOfTheVirtualMachineIsObeyed() throws Exception {
    String samples = Samples.class.getName();
    run("demanding", "-Djdk.serialFilter=!" + samples + "$Circle");
    run("filtered", "-Djdk.serialFilter=!" + samples + "$Bare;!" + samples + "$Circle");
  }
}
