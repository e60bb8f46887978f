package multiprocessing.testing.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Writes down which tests came to a good end, for the check that follows them in the build: a file
 * for each virtual machine that ran some, in the folder that the system property {@value #FOLDER}
 * names.
 */
public final class ExecutedTests implements TestExecutionListener {
  static final String FOLDER = "multiprocessing.conformance.executed";

  /** There may be several plans, and a listener for each. */
  private static final Set<String> ALL = Collections.synchronizedSet(new TreeSet<>());

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    if (test.isTest()
        && result.getStatus() == TestExecutionResult.Status.SUCCESSFUL
        && test.getSource().orElse(null) instanceof MethodSource source) {
      ALL.add(source.getClassName() + "#" + source.getMethodName());
    }
  }

  @Override
  public void testPlanExecutionFinished(TestPlan plan) {
    String folder = System.getProperty(FOLDER);
    if (folder == null) {
      return;
    }
    try {
      Path file = Path.of(folder, ProcessHandle.current().pid() + ".txt");
      Files.createDirectories(file.getParent());
      synchronized (ALL) {
        Files.write(file, ALL, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The tests of which was written since some moment. */
  static Set<String> read(Path folder, Instant since) throws IOException {
    Set<String> tests = new TreeSet<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          if (Files.getLastModifiedTime(file).compareTo(FileTime.from(since)) >= 0) {
            tests.addAll(Files.readAllLines(file));
          }
        }
      }
    }
    return tests;
  }
}
