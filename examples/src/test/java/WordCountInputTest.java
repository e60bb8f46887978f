import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What WordCount makes of the files that it gets. */
@NullMarked
@Timeout(120)
class WordCountInputTest {
  private static final Pattern WORD = Pattern.compile("\\p{L}+");
  private static final Pattern LINE = Pattern.compile("(?m)^ *([0-9,]+)  (\\p{L}\\S*)$");

  /** More than fits into one batch. */
  private static final int MANY = 500_000;

  @TempDir Path folder;

  private record Outcome(int exitCode, String output, String errors) {
    Map<String, Long> counts() {
      Map<String, Long> counts = new TreeMap<>();
      LINE.matcher(output)
          .results()
          .forEach(line -> counts.put(line.group(2), Long.valueOf(line.group(1).replace(",", ""))));
      return counts;
    }
  }

  private Outcome run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-Dstdout.encoding=UTF-8");
    command.add("-Dstderr.encoding=UTF-8");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "WordCount"));
    command.addAll(List.of(arguments));
    Path output = folder.resolve("output");
    Path errors = folder.resolve("errors");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile())
            .start();
    try {
      return new Outcome(process.waitFor(), Files.readString(output), Files.readString(errors));
    } finally {
      process.destroyForcibly();
    }
  }

  private Path write(String name, byte[] bytes) throws IOException {
    Path file = folder.resolve("texts").resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, bytes);
  }

  private void write(String name, String text) throws IOException {
    write(name, utf8(text));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Characters of each length in UTF-8, in words and between them. */
  private static String mixture(int words) {
    List<String> some =
        List.of(
            "the",
            "The",
            "x",
            "Straße",
            "ΟΔΟΣ",
            "İznik",
            "naïve",
            "数える",
            "𝒜bc",
            "e\u0301a",
            "l33t");
    List<String> gaps = List.of(" ", "\n", ", ", "-", "…", "\u00a0", "🙂", "7");
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < words; i++) {
      text.append(some.get(i * 7 % some.size())).append(gaps.get(i * 5 % gaps.size()));
    }
    return text.toString();
  }

  private static void count(byte[] text, Map<String, Long> counts) {
    WORD.matcher(new String(text, StandardCharsets.UTF_8))
        .results()
        .forEach(word -> counts.merge(word.group().toLowerCase(Locale.ROOT), 1L, Long::sum));
  }

  private Map<String, Long> independentCount() throws IOException {
    Map<String, Long> counts = new TreeMap<>();
    try (var paths = Files.walk(folder.resolve("texts"))) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        count(Files.readAllBytes(path), counts);
      }
    }
    return counts;
  }

  private void assertCounted(Map<String, Long> expected, int files) throws Exception {
    String texts = folder.resolve("texts").toString();
    Outcome outcome = run("--no-compare", "--processes", "2", "--top", "1000000", texts);
    assertEquals(expected, outcome.counts());
    assertEquals(0, outcome.exitCode(), outcome.errors());
    assertTrue(outcome.output().contains("\n" + files + " files, "), outcome.output());
  }

  @Test
  void cutsBigFilesBetweenWords() throws Exception {
    write("mixture.txt", mixture(MANY));
    write("one word.txt", "数".repeat(MANY * 2)); // nowhere to cut
    write("one big word and a small one.txt", "a".repeat(MANY * 5) + " b");

    assertCounted(independentCount(), 3);
  }

  @Test
  void putsSmallFilesTogether() throws Exception {
    for (int i = 0; i < 100; i++) {
      write(i % 3 + "/" + i + ".txt", mixture(i * i));
    }
    write("no end of line.txt", "the end");

    assertCounted(independentCount(), 101);
  }

  @Test
  void replacesMalformedBytes() throws Exception {
    write("bad.txt", new byte[] {'a', (byte) 0xC3, 'B', ' ', (byte) 0xE2, (byte) 0x82, ' ', 'c'});

    assertCounted(Map.of("a", 1L, "b", 1L, "c", 1L), 1);
  }

  @Test
  void skipsWhatIsNoText() throws Exception {
    write("text.txt", "text");
    Map<String, Long> expected = independentCount();
    write("small", new byte[] {'n', 'o', 0, 'n', 'o'});
    write("big", Arrays.copyOf(utf8("no"), MANY * 10));

    assertCounted(expected, 1);
  }

  @Test
  void readsArchives() throws Exception {
    Map<String, Long> expected = new TreeMap<>();
    Path archive = folder.resolve("texts.zip");
    try (OutputStream file = Files.newOutputStream(archive);
        ZipOutputStream zip = new ZipOutputStream(file)) {
      for (int size : new int[] {0, 10, 10_000, MANY}) {
        byte[] text = utf8(mixture(size));
        zip.putNextEntry(new ZipEntry("folder/" + size + ".txt"));
        zip.write(text);
        count(text, expected);
      }
    }

    Outcome outcome = run("--no-compare", "--top", "1000000", archive.toString());

    assertEquals(expected, outcome.counts());
  }

  @Test
  void namesWhatCannotBeRead() throws Exception {
    write("text.txt", "some text");
    String texts = folder.resolve("texts").toString();

    Outcome outcome = run("--no-compare", texts, "/proc/self/mem", "/dev/null");

    assertEquals(Map.of("some", 1L, "text", 1L), outcome.counts());
    assertEquals(0, outcome.exitCode());
    assertTrue(outcome.errors().contains("skipped /proc/self/mem: "), outcome.errors());
    assertTrue(
        outcome.errors().contains("skipped /dev/null: neither a file nor a folder\n"),
        outcome.errors());
  }

  @Test
  void comparesWithOneProcess() throws Exception {
    write("text.txt", "some text");

    Outcome outcome = run("--processes", "2", folder.resolve("texts").toString());

    assertEquals(0, outcome.exitCode());
    assertTrue(
        outcome.output().matches("(?s).*\n2 processes: .*\none process: .* as fast\n"),
        outcome.output());
  }
}
