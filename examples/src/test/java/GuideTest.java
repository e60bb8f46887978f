import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Nothing in the guide is stale: each block of Java in it compiles, runs, and prints what the block
 * of text behind it says, on standard output and standard error together. A block without main is
 * put into the frame that the guide begins with. One that names a program of the examples is a part
 * of that program, which is run if a block of text follows.
 */
@NullMarked
@Timeout(120)
class GuideTest {
  private static final Path ROOT = Path.of("..");
  private static final Path GUIDE = ROOT.resolve("docs/guide");
  private static final Path PROGRAMS = Path.of("src/main/java");
  private static final Pattern CLASS = Pattern.compile("(?m)^(?:public |final )*class (\\w+)");
  private static final String PLACE = "    // the snippet\n";

  @TempDir Path folder;

  /** A block of Java, and the text that follows it. */
  record Snippet(Page.Block code, Page.@Nullable Block output) {
    boolean isPartOfProgram() {
      return !code.note().isEmpty();
    }

    @Override
    public String toString() {
      return code.toString();
    }
  }

  static Stream<Snippet> snippets() throws IOException {
    List<Path> pages = new ArrayList<>();
    pages.add(ROOT.resolve("README.md"));
    pages.add(ROOT.resolve("docs/from-python.md"));
    try (Stream<Path> chapters = Files.list(GUIDE)) {
      chapters.sorted().forEach(pages::add);
    }
    return pages.stream().flatMap(GuideTest::snippets);
  }

  private static Stream<Snippet> snippets(Path page) {
    List<Page.Block> blocks = Page.read(page).blocks();
    return IntStream.range(0, blocks.size())
        .filter(i -> blocks.get(i).language().equals("java"))
        .mapToObj(
            i -> {
              boolean isPrinting =
                  i + 1 < blocks.size() && blocks.get(i + 1).language().equals("text");
              return new Snippet(blocks.get(i), isPrinting ? blocks.get(i + 1) : null);
            });
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("snippets")
  void doesWhatThePageSays(Snippet snippet) throws Exception {
    if (snippet.isPartOfProgram()) {
      assertIsPart(snippet.code());
      if (snippet.output() != null) {
        String program = snippet.code().note();
        assertPrints(snippet, program.substring(0, program.length() - ".java".length()));
      }
    } else {
      assertPrints(snippet, compile(snippet.code()));
    }
  }

  @Test
  void allProgramsOfTheGuideAreRunInIt() throws IOException {
    Set<String> run = new TreeSet<>();
    snippets()
        .filter(snippet -> snippet.isPartOfProgram() && snippet.output() != null)
        .forEach(snippet -> run.add(snippet.code().note()));
    try (Stream<Path> programs = Files.list(PROGRAMS)) {
      assertEquals(
          programs
              .map(program -> program.getFileName().toString())
              .filter(program -> program.matches("Demo\\d\\d.*"))
              .sorted()
              .toList(),
          run.stream().filter(program -> program.startsWith("Demo")).toList());
    }
  }

  /** Its lines follow each other in the program, but where a line with an ellipsis skips some. */
  private static void assertIsPart(Page.Block block) throws IOException {
    List<String> program = Files.readAllLines(PROGRAMS.resolve(block.note()));
    int from = 0;
    for (String part : block.text().split("(?m)^ *…\n", -1)) {
      String lines = part.stripTrailing().stripIndent();
      int length = (int) lines.lines().count();
      int start = from;
      int found =
          IntStream.rangeClosed(start, program.size() - length)
              .filter(i -> unindented(program.subList(i, i + length)).equals(lines))
              .findFirst()
              .orElse(-1);
      assertTrue(found >= 0, () -> block + ": this is not in " + block.note() + ":\n" + part);
      from = found + length;
    }
  }

  private static String unindented(List<String> lines) {
    return String.join("\n", lines).stripIndent();
  }

  /** Compiles a block and gives the name of its class. */
  private String compile(Page.Block block) throws IOException {
    String text = block.text();
    if (!text.contains("static void main(")) {
      String frame = Page.read(GUIDE.resolve("README.md")).blocks().getFirst().text();
      assertTrue(frame.contains(PLACE), frame);
      text = frame.replace(PLACE, text);
    }
    Matcher name = CLASS.matcher(text);
    assertTrue(name.find(), text);
    Path source = Files.writeString(folder.resolve(name.group(1) + ".java"), text);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<String> options = List.of("-Xlint:all,-serial", "-Werror", "-d", folder.toString());
    StringWriter faults = new StringWriter();
    try (var files = compiler.getStandardFileManager(null, null, null)) {
      boolean isCompiled =
          compiler
              .getTask(faults, files, null, options, null, files.getJavaFileObjects(source))
              .call();
      assertTrue(isCompiled, () -> block + "\n" + faults);
    }
    return name.group(1);
  }

  private void assertPrints(Snippet snippet, String main) throws Exception {
    String path = folder + File.pathSeparator + System.getProperty("java.class.path");
    ProgramRun run =
        ProgramRun.of(ProgramRun.java("-cp", path, main).redirectErrorStream(true), folder);
    run.succeeded();
    Page.@Nullable Block output = snippet.output();
    String expected = output == null ? "" : output.text();
    boolean isFree = output != null && output.note().equals("in any order");
    boolean isAsSaid =
        isFree
            ? ExpectedOutput.isPrintedInAnyOrder(expected, run.out())
            : ExpectedOutput.isPrinted(expected, run.out());
    assertTrue(
        isAsSaid,
        () -> snippet + " prints:\n" + String.join("\n", run.out()) + "\nand not:\n" + expected);
  }
}
