package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * A thousand starts in a row by each start method, with each collector in the parent. Other numbers
 * by {@code -Dstress.starts}, and some of the combinations by a pattern, such as {@code
 * -Dstress.only='FORK G1'}.
 */
@ProcessTest
@Tag("stress")
@Deadline(seconds = 7_200)
final class StartStressTest {
  private static final String STARTS = System.getProperty("stress.starts", "1000");

  private static final String ONLY = System.getProperty("stress.only", ".*");

  @TempDir Path folder;

  @TestFactory
  Stream<DynamicTest> startsInARow() {
    return StartMethod.supported().stream()
        .flatMap(
            method ->
                Stream.of("Serial", "Parallel", "G1")
                    .filter(collector -> (method + " " + collector).matches(ONLY))
                    .map(
                        collector ->
                            DynamicTest.dynamicTest(
                                method + " " + collector, () -> run(method, collector))));
  }

  private void run(StartMethod method, String collector) throws Exception {
    Path place = Files.createDirectory(folder.resolve(method + collector));
    System.out.println(collector);
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+Use" + collector + "GC",
            "-Xms128m",
            "-Xmx128m",
            "-XX:+AlwaysPreTouch", // what grows then is not the heap
            "-cp",
            System.getProperty("java.class.path"),
            StartStress.class.getName(),
            place.toString(),
            method.name(),
            STARTS);
    assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
  }
}
