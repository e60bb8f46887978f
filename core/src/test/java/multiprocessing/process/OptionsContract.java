package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TimeZone;
import java.util.TreeSet;
import java.util.stream.Stream;
import multiprocessing.error.StartException;
import multiprocessing.testing.Children;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a child has of its parent, and what it has otherwise. */
@ProcessTest
abstract class OptionsContract {
  private final StartMethod method;

  @TempDir Path folder;

  OptionsContract(StartMethod method) {
    this.method = method;
  }

  ChildProcess start(ProcessOptions options, SerializableRunnable task) {
    return ChildProcess.builder().startMethod(method).options(options).target(task).start();
  }

  String ask(ProcessOptions options, SerializableSupplier<String> question) throws Exception {
    String file = folder.resolve("answer").toString();
    ChildProcess child =
        start(options, () -> Files.writeString(Path.of(file), question.getChecked()));
    assertEquals(0, Children.exitCode(child));
    return Files.readString(Path.of(file));
  }

  String ask(SerializableSupplier<String> question) throws Exception {
    return ask(ProcessOptions.none(), question);
  }

  // Environment, folder, streams

  /** In the bytes of the kernel, since the JDK reads them by the locale. */
  static String environment(String name) throws Exception {
    String all = Files.readString(Path.of("/proc/self/environ"));
    return Stream.of(all.split("\0"))
        .filter(entry -> entry.startsWith(name + "="))
        .findFirst()
        .orElseThrow()
        .substring(name.length() + 1);
  }

  @Test
  void outputGoesToAFile() throws Exception {
    File file = folder.resolve("out").toFile();
    Files.writeString(file.toPath(), "old");
    ProcessOptions options =
        ProcessOptions.builder().stdout(Redirect.to(file)).stderr(Redirect.appendTo(file)).build();
    assertEquals(0, Children.exitCode(start(options, () -> System.out.print("new, no line end"))));
    assertEquals("new, no line end", Files.readString(file.toPath()));
    assertEquals(0, Children.exitCode(start(options, () -> System.err.print("err"))));
    assertEquals("err", Files.readString(file.toPath()));
    ProcessOptions appending = ProcessOptions.builder().stdout(Redirect.appendTo(file)).build();
    assertEquals(0, Children.exitCode(start(appending, () -> System.out.print("or"))));
    assertEquals("error", Files.readString(file.toPath()));
    ProcessOptions discarding = ProcessOptions.builder().stdout(Redirect.DISCARD).build();
    assertEquals(0, Children.exitCode(start(discarding, () -> System.out.print("lost"))));
  }

  @Test
  void aPipeIsNoPlaceForOutput() {
    ProcessOptions.Builder builder = ProcessOptions.builder().stdout(Redirect.PIPE);
    assertThrows(IllegalArgumentException.class, builder::build);
  }

  @Test
  void outputKeepsTheEncodingOfTheParent() throws Exception {
    File file = folder.resolve("out").toFile();
    ProcessOptions options = ProcessOptions.builder().stdout(Redirect.to(file)).build();
    assertEquals(0, Children.exitCode(start(options, () -> System.out.print("ÄÖ€"))));
    assertEquals("ÄÖ€", Files.readString(file.toPath(), System.out.charset()));
  }

  @Test
  void standardInputIsEmpty() throws Exception {
    assertEquals("-1", ask(() -> "" + System.in.read()));
  }

  static String target(Path descriptor) {
    try {
      return descriptor.getFileName() + " " + Files.readSymbolicLink(descriptor);
    } catch (java.io.IOException e) {
      return descriptor.getFileName() + " /proc/self"; // the listing itself
    }
  }

  static String kind(String line) {
    String target = line.substring(line.indexOf(' ') + 1);
    if (List.of("0", "1", "2").contains(line.substring(0, line.indexOf(' ')))) {
      return "stdio";
    }
    if (target.startsWith("socket:")) {
      return "socket";
    }
    if (target.startsWith("/memfd:multiprocessing (")) {
      return "memory";
    }
    if (target.startsWith("/proc/") || target.startsWith("/sys/")) {
      return "proc";
    }
    if (target.endsWith("/answer")) {
      return "output";
    }
    return target.endsWith(".jar")
        ? "jar"
        : target.matches(".*/lib/modules|/dev/u?random") ? "jdk" : line;
  }

  // Locale and time

  @Test
  void localeAndTimeZoneAreThoseOfTheMoment() throws Exception {
    Locale locale = Locale.getDefault();
    Locale format = Locale.getDefault(Locale.Category.FORMAT);
    TimeZone zone = TimeZone.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("zh-Hant-TW-u-nu-hanidec"));
      Locale.setDefault(Locale.Category.FORMAT, Locale.GERMANY);
      TimeZone.setDefault(TimeZone.getTimeZone("Asia/Kathmandu"));
      assertEquals(
          Locale.getDefault().toLanguageTag() + " de-DE 1,5 Asia/Kathmandu",
          ask(
              () ->
                  Locale.getDefault().toLanguageTag()
                      + " "
                      + Locale.getDefault(Locale.Category.FORMAT).toLanguageTag()
                      + String.format(" %.1f ", 1.5)
                      + TimeZone.getDefault().getID()));
    } finally {
      Locale.setDefault(locale);
      Locale.setDefault(Locale.Category.FORMAT, format);
      TimeZone.setDefault(zone);
    }
  }

  // The virtual machine

  @Test
  void anOutputFileThatCannotBeMadeIsAnErrorAtTheStart() {
    File file = folder.resolve("no/out").toFile();
    ProcessOptions options = ProcessOptions.builder().stdout(Redirect.to(file)).build();
    StartException thrown = assertThrows(StartException.class, () -> start(options, () -> {}));
    assertTrue(String.valueOf(thrown.getMessage()).contains(file.toString()), thrown.getMessage());
  }

  // The processor

  @Test
  void aChildIsBoundToProcessors() throws Exception {
    ProcessOptions options = ProcessOptions.builder().processors(0).build();
    assertEquals("1 0", ask(options, () -> Runtime.getRuntime().availableProcessors() + allowed()));
    int own = Runtime.getRuntime().availableProcessors();
    assertEquals("" + own, ask(() -> "" + Runtime.getRuntime().availableProcessors()));
  }

  private static String allowed() throws Exception {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("Cpus_allowed_list:"))
        .map(line -> " " + line.substring(line.indexOf('\t') + 1))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aProcessorThatIsNotThereIsAnErrorAtTheStart() throws Exception {
    ProcessOptions options = ProcessOptions.builder().processors(1_000).build();
    assertThrows(StartException.class, () -> start(options, () -> {}));
    int own = Runtime.getRuntime().availableProcessors();
    assertEquals("" + own, ask(() -> "" + Runtime.getRuntime().availableProcessors()));
  }

  @Test
  void aNiceChildIsNiceInEveryThread() throws Exception {
    ProcessOptions options = ProcessOptions.builder().nice(7).build();
    assertEquals(
        "[7]",
        ask(
            options,
            () -> {
              Set<Long> values = new TreeSet<>();
              try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
                tasks
                    .map(OptionsContract::nicenessIfThere)
                    .flatMap(Optional::stream)
                    .forEach(values::add);
              }
              return values.toString();
            }));
  }

  /** That of a thread; none of one that has ended meanwhile. */
  private static Optional<Long> nicenessIfThere(Path task) {
    try {
      return Optional.of(niceness(task));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** That of a thread, by its folder below /proc. */
  static long niceness(Path task) throws IOException {
    String stat = Files.readString(task.resolve("stat"));
    return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16]);
  }

  // Checks

  @Test
  void optionsAreChecked() {
    assertThrows(
        IllegalArgumentException.class, () -> ProcessOptions.builder().heapLimit(0).build());
    assertThrows(IllegalArgumentException.class, () -> ProcessOptions.builder().nice(20).build());
    assertThrows(
        IllegalArgumentException.class, () -> ProcessOptions.builder().processors(-1).build());
    assertThrows(
        IllegalArgumentException.class,
        () -> ProcessOptions.builder().environment("A=B", "x").build());
    assertThrows(
        IllegalArgumentException.class,
        () -> ProcessOptions.builder().environment("A", "x\0y").build());
    assertEquals(Map.of(), ProcessOptions.none().environment());
  }
}
