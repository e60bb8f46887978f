import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program as a user runs it: as a process, with files, and somebody who kills a worker. */
@NullMarked
@Timeout(120)
class WordCountTest {
  private static final int COPIES = 80;
  private static final int LINES = 60_000;

  @TempDir Path folder;

  @Test
  void countsWhatAnotherCountCounts() throws Exception {
    Path texts = Files.createDirectories(folder.resolve("texts/below"));
    Files.writeString(
        texts.resolve("a.txt"), "Über über UBER don't 1st x_y\nAlpha beta-gamma alpha");
    Files.writeString(
        texts.resolve("b.txt"), "alpha\tALPHA\u00a0bet\u0101 \u0416\u0436 \u0436".repeat(500));
    Files.writeString(folder.resolve("texts/empty.txt"), "");
    Files.write(folder.resolve("texts/binary"), new byte[] {65, 0, 66});
    Path top = folder.resolve("texts");
    Run run = start("--no-compare", "--top", "1000", top.toString());
    assertEquals(0, run.exitCode(), run::all);
    assertEquals(independentCount(top), run.words());
  }

  private static Map<String, Long> independentCount(Path top) throws IOException {
    Map<String, Long> counts = new TreeMap<>();
    Pattern word = Pattern.compile("\\p{L}+");
    List<Path> files;
    try (Stream<Path> all = Files.walk(top)) {
      files = all.filter(Files::isRegularFile).filter(f -> !f.endsWith("binary")).toList();
    }
    for (Path file : files) {
      Matcher matcher = word.matcher(Files.readString(file).toLowerCase(Locale.ROOT));
      while (matcher.find()) {
        counts.merge(matcher.group(), 1L, Long::sum);
      }
    }
    return counts;
  }

  @Test
  void aFileThatIsMissingIsNamedAndSkipped() throws Exception {
    Path text = Files.writeString(folder.resolve("a.txt"), "one two two");
    Run run = start("--no-compare", folder.resolve("missing.txt").toString(), text.toString());
    int _ = run.exitCode();
    assertTrue(run.errors().contains("missing.txt"), run::all);
    assertEquals(Map.of("one", 1L, "two", 2L), run.words());
  }

  @Test
  void aWrongOptionIsOneSentence() throws Exception {
    Run run = start("--frobnicate");
    assertEquals(2, run.exitCode());
    assertEquals(1, run.errors().lines().count(), run::all);
    assertTrue(run.errors().contains("--frobnicate"), run::all);
  }

  @Test
  void aWorkerThatIsKilledCostsItsBatchAndIsTold() throws Exception {
    Path texts = manyTexts();
    Run run = start("--no-compare", texts.toString());
    // One that dies between two batches costs nothing; not all of them do.
    for (int lines = 1; lines <= 5; lines++) {
      run.awaitProgress(lines);
      run.killWorker();
    }
    assertEquals(1, run.exitCode(), run::all);
    assertTrue(run.errors().contains("SIGKILL"), run::all);
    assertTrue(run.errors().contains("copy"), () -> "the file is named in: " + run.all());
    assertFalse(run.errors().contains("\tat "), run::all);
  }

  @Test
  void withARetryTheCountsAreRight() throws Exception {
    Path texts = manyTexts();
    Run run = start("--no-compare", "--retries", "1", "--top", "1000", texts.toString());
    run.awaitProgress(1);
    run.killWorker();
    assertEquals(0, run.exitCode(), run::all);
    assertEquals(3L * LINES * COPIES, run.words().get("the"), run::all);
    assertEquals((long) LINES * COPIES, run.words().get("été"), run::all);
  }

  @Test
  void controlCEndsTheWholeTreeQuietly() throws Exception {
    Path texts = manyTexts();
    Run run = start("--no-compare", texts.toString());
    run.awaitProgress(1);
    List<ProcessHandle> tree = run.process.descendants().toList();
    assertFalse(tree.isEmpty());
    assertEquals(0, kill("-INT", run.process.pid()));
    assertEquals(130, run.exitCode(), run::all);
    for (ProcessHandle each : tree) {
      each.onExit().get(100, TimeUnit.SECONDS);
    }
    assertFalse(run.errors().contains("Exception"), run::all);
    assertFalse(run.errors().contains("\tat "), run::all);
  }

  /** As much as takes a second or more to count, though it takes little room on the disk. */
  private Path manyTexts() throws IOException {
    Path texts = Files.createDirectories(folder.resolve("many"));
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < LINES; i++) {
      text.append("the quick fox, the lazy dog; and then the end of line ").append(i);
      text.append(": été, Ende!\n");
    }
    Path first = Files.writeString(texts.resolve("copy0.txt"), text);
    for (int i = 1; i < COPIES; i++) {
      Files.createLink(texts.resolve("copy" + i + ".txt"), first);
    }
    return texts;
  }

  private static int kill(String signal, long pid) throws IOException, InterruptedException {
    return new ProcessBuilder("kill", signal, Long.toString(pid)).inheritIO().start().waitFor();
  }

  private Run start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    // Whatever runs this build in the background may have had SIGINT ignored.
    command.addAll(List.of("env", "--default-signal=INT"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-Dstdout.encoding=UTF-8");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "WordCount"));
    command.addAll(List.of(arguments));
    return new Run(
        new ProcessBuilder(command).redirectError(folder.resolve("err").toFile()).start(),
        folder.resolve("err"));
  }

  /** A run of the program. */
  private static final class Run {
    private static final Pattern COUNT = Pattern.compile("\\s+([\\d,]+)  (\\S+)");

    final Process process;
    private final Path errors;
    private final List<String> lines = new ArrayList<>();
    private final BufferedReader output;

    Run(Process process, Path errors) {
      this.process = process;
      this.errors = errors;
      this.output =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Waits until as many lines of progress have come. */
    void awaitProgress(int count) throws IOException, InterruptedException {
      while (process.isAlive() && errors().split("counted ", -1).length <= count) {
        Thread.sleep(1); // looking again is all that can be done with a file
      }
      assertTrue(process.isAlive(), this::all);
    }

    void killWorker() {
      // The first is the zygote, from which the workers were forked, one after the other; beside
      // them there may be the maker of an AOT cache.
      ProcessHandle worker =
          process
              .children()
              .filter(child -> child.info().commandLine().orElse("").contains("ZygoteMain"))
              .sorted()
              .skip(1)
              .findFirst()
              .orElseThrow();
      assertTrue(worker.destroyForcibly());
    }

    int exitCode() throws IOException, InterruptedException {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        lines.add(line);
      }
      return process.waitFor();
    }

    Map<String, Long> words() {
      Map<String, Long> words = new TreeMap<>();
      for (String line : lines) {
        Matcher matcher = COUNT.matcher(line);
        if (matcher.matches()) {
          words.put(matcher.group(2), Long.parseLong(matcher.group(1).replace(",", "")));
        }
      }
      return words;
    }

    String errors() throws IOException {
      return Files.readString(errors);
    }

    String all() {
      try {
        return String.join("\n", lines) + "\n" + errors();
      } catch (IOException e) {
        return e.toString();
      }
    }
  }
}
