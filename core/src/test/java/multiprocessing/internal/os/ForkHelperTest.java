package multiprocessing.internal.os;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The C helper: how it gets into a process, what happens where it cannot, and that it forks. */
@ProcessTest
@Deadline(seconds = 300)
final class ForkHelperTest {
  private static final byte[] CONTENT =
      "no library, but who looks?".repeat(1_000).getBytes(US_ASCII);
  private static final String CLASS_PATH = System.getProperty("java.class.path");

  @TempDir Path folder;
  private Path caches;
  private Path unpacked;

  @BeforeEach
  void chooseFolders() {
    caches = folder.resolve("cache");
    unpacked = caches.resolve("multiprocessing").resolve("native");
  }

  // ---- unpacking

  private List<Path> files(Path place) throws IOException {
    try (Stream<Path> all = Files.list(place)) {
      return all.toList();
    }
  }

  @Test
  void whatIsThereIsUsed() throws IOException {
    Path file = HelperLibrary.unpack(folder, CONTENT);
    assertArrayEquals(CONTENT, Files.readAllBytes(file));
    Object inode = Files.getAttribute(file, "unix:ino");

    assertEquals(file, HelperLibrary.unpack(folder, CONTENT));
    assertEquals(inode, Files.getAttribute(file, "unix:ino"), "nothing is written");
    assertEquals(List.of(file), files(folder));
  }

  @Test
  void versionsHaveFilesOfTheirOwn() throws IOException {
    byte[] other = CONTENT.clone();
    other[CONTENT.length - 1]++;
    assertNotEquals(
        HelperLibrary.unpack(folder, CONTENT), HelperLibrary.unpack(folder, other), "files");
    assertEquals(2, files(folder).size());
  }

  @Test
  void aDamagedFileIsReplaced() throws IOException {
    Path file = HelperLibrary.unpack(folder, CONTENT);
    byte[] changed = CONTENT.clone();
    changed[10_000]++;
    for (byte[] damaged :
        List.of(
            changed, new byte[0], Arrays.copyOf(CONTENT, 500), Arrays.copyOf(CONTENT, 30_000))) {
      Files.write(file, damaged);
      Object inode = Files.getAttribute(file, "unix:ino");
      assertEquals(file, HelperLibrary.unpack(folder, CONTENT));
      assertArrayEquals(CONTENT, Files.readAllBytes(file));
      assertNotEquals(
          inode, Files.getAttribute(file, "unix:ino"), "who has mapped the old one keeps it");
    }
    assertEquals(List.of(file), files(folder));
  }

  @Test
  void whatCannotBeReplacedIsAnError() throws IOException {
    Path file = HelperLibrary.unpack(folder, CONTENT);
    Files.delete(file);
    Files.createDirectories(file.resolve("full"));
    assertThrows(IOException.class, () -> HelperLibrary.unpack(folder, CONTENT));
    assertEquals(List.of(file), files(folder));
  }

  @Test
  void severalMayUnpackAtOnce() throws Exception {
    Path file = HelperLibrary.unpack(folder, CONTENT);
    int threads = 4;
    CyclicBarrier barrier =
        new CyclicBarrier(threads, () -> assertTrue(file.toFile().delete(), "the file was there"));
    Callable<Void> unpack =
        () -> {
          for (int i = 0; i < 200; i++) {
            barrier.await();
            Path found = HelperLibrary.unpack(folder, CONTENT);
            assertArrayEquals(CONTENT, Files.readAllBytes(found));
            barrier.await();
            assertEquals(found, HelperLibrary.unpack(folder, CONTENT));
          }
          return null;
        };
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      for (Future<Void> done : executor.invokeAll(Collections.nCopies(threads, unpack))) {
        done.get();
      }
    }
  }

  // ---- programs that load it

  private final class Program {
    private final Path out = folder.resolve("out-" + System.nanoTime());
    private final Process process;

    Program(Path caches, List<String> options, String... arguments) throws IOException {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(options);
      command.addAll(List.of(arguments));
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile());
      builder.environment().put("XDG_CACHE_HOME", caches.toString());
      process = builder.start();
    }

    List<String> lines() throws Exception {
      int code = process.waitFor();
      List<String> lines = Files.readAllLines(out);
      assertEquals(0, code, lines::toString);
      return lines;
    }
  }

  private Program program(String classPath, List<String> options, String... arguments)
      throws IOException {
    List<String> all = new ArrayList<>(options);
    all.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--class-path",
            classPath,
            ForkProgram.class.getName()));
    return new Program(caches, all, arguments);
  }

  private List<String> run(String... arguments) throws Exception {
    return program(CLASS_PATH, List.of(), arguments).lines();
  }

  @Test
  void itIsUnpackedOnceForAll() throws Exception {
    List<Program> programs = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      programs.add(program(CLASS_PATH, List.of(), "obstacle"));
    }
    List<List<String>> places = new ArrayList<>();
    for (Program each : programs) {
      places.add(each.lines());
    }
    List<Path> files = files(unpacked);
    assertEquals(1, files.size(), files::toString);
    for (List<String> place : places) {
      // One that was unpacked at the same time by another, and loaded, and has been replaced since.
      String name = place.getFirst().replace(" (deleted)", "");
      assertEquals(files.getFirst().toString(), name);
    }
    assertEquals(
        "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(unpacked)));
  }

  @Test
  void aDamagedLibraryIsNotLoaded() throws Exception {
    Path file = Path.of(run("obstacle").getFirst());
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    assertEquals(List.of(file.toString()), run("obstacle"));
    assertArrayEquals(whole, Files.readAllBytes(file));
  }

  private void assertInMemory() throws Exception {
    assertEquals(List.of("/memfd:multiprocessing-fork (deleted)"), run("obstacle"));
    assertEquals(List.of("2 forks"), run("fork", "2"));
  }

  @Test
  void withoutCacheFolderItIsLoadedFromMemory() throws Exception {
    Files.createFile(caches);
    assertInMemory();
  }

  @Test
  void aFolderThatOthersMayWriteToIsNotUsed() throws Exception {
    for (Path open : List.of(unpacked, unpacked.getParent())) {
      Files.createDirectories(unpacked);
      Files.setPosixFilePermissions(unpacked, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
      assertInMemory();
      assertEquals(List.of(), files(unpacked));
    }
  }

  @Test
  void inNamedModulesItIsFoundToo() throws Exception {
    String modules =
        place("multiprocessing.Context") + File.pathSeparator + place("org.apache.fory.Fory");
    List<String> options =
        List.of(
            "--enable-native-access=multiprocessing",
            "--module-path",
            modules,
            "--patch-module",
            "multiprocessing=" + place(ForkProgram.class.getName()),
            "--module",
            "multiprocessing/" + ForkProgram.class.getName());
    List<String> lines = new Program(caches, options, "obstacle").lines();
    assertEquals(List.of(files(unpacked).getFirst().toString()), lines);
  }

  private static String place(String type) throws Exception {
    return Path.of(Class.forName(type).getProtectionDomain().getCodeSource().getLocation().toURI())
        .toString();
  }

  // ---- obstacles

  @Test
  void itCanBeSwitchedOff() throws Exception {
    String sentence = "forking is switched off: start the JVM without -Dmultiprocessing.fork=off";
    assertEquals(
        List.of(sentence, sentence),
        program(CLASS_PATH, List.of("-Dmultiprocessing.fork=off"), "obstacle").lines());
  }

  /** As it is built on a machine without a C compiler. */
  @Test
  void aJarWithoutItSaysSo() throws Exception {
    String room = ForkHelper.class.getPackageName().replace('.', '/');
    for (String type : List.of(ForkHelper.class.getName(), ForkProgram.class.getName())) {
      Path source = Path.of(place(type), room);
      Path target = Files.createDirectories(folder.resolve("classes").resolve(room));
      for (Path file : files(source)) {
        if (Files.isRegularFile(file)) {
          Files.copy(file, target.resolve(file.getFileName()));
        }
      }
    }
    List<String> lines =
        program(folder.resolve("classes").toString(), List.of(), "obstacle").lines();
    assertEquals(2, lines.size(), lines::toString);
    assertTrue(lines.getFirst().endsWith("build it where there is a C compiler for that"));
    assertEquals(lines.getFirst(), lines.getLast(), "what a fork then says");
  }

  // ---- forking

  @Test
  void itForks() throws Exception {
    assertEquals(List.of("200 forks"), run("fork", "200"));
  }

  @Test
  void aThreadThatDoesNotStopIsAnErrorAndNoHarm() throws Exception {
    assertEquals(
        List.of(
            Errno.ETIMEDOUT
                + " fork: a thread did not stop within 50 ms; all threads go on as before",
            "1 forks"),
        run("deaf"));
  }
}
