package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import multiprocessing.testing.Children;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The AOT cache: made in the background, used when it is there, and never in anybody's way. */
@ProcessTest
@Deadline(seconds = 180)
final class AotTest {
  @TempDir static Path library;
  private static String classPath = "";

  @TempDir Path folder;
  private Path caches;
  private Path cacheFolder;

  /** The library must be a jar; a test has it as a folder. */
  @BeforeAll
  static void pack() throws Exception {
    Path place =
        Path.of(ChildProcess.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path jar = place;
    if (Files.isDirectory(place)) {
      jar = library.resolve("multiprocessing.jar");
      try (OutputStream file = Files.newOutputStream(jar);
          JarOutputStream target = new JarOutputStream(file);
          Stream<Path> all = Files.walk(place)) {
        for (Path each : all.filter(Files::isRegularFile).toList()) {
          target.putNextEntry(new JarEntry(place.relativize(each).toString()));
          Files.copy(each, target);
        }
      }
    }
    List<String> entries = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      boolean isLibrary = Path.of(entry).toAbsolutePath().equals(place.toAbsolutePath());
      entries.add(isLibrary ? jar.toString() : entry);
    }
    classPath = String.join(File.pathSeparator, entries);
  }

  @BeforeEach
  void chooseFolders() {
    caches = folder.resolve("cache");
    cacheFolder = caches.resolve("multiprocessing").resolve("aot");
  }

  private Root.Setup setup() {
    return new Root.Setup(folder)
        .classPath(classPath)
        .environment("XDG_CACHE_HOME", caches.toString());
  }

  private List<Path> files(String suffix) throws IOException {
    if (!Files.isDirectory(cacheFolder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(cacheFolder)) {
      return all.filter(file -> file.toString().endsWith(suffix)).toList();
    }
  }

  /** Starts children, and writes for each whether it used a cache, until told to end. */
  static final class Starter {
    private Starter() {}

    public static void main(String[] arguments) throws Exception {
      Path end = Path.of(arguments[0], "end");
      for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
        ChildProcess child =
            ChildProcess.of(
                () ->
                    System.out.println(
                        Files.readString(Path.of("/proc/self/maps")).contains(".aot\n")));
        child.start();
        child.join();
      }
      while (arguments.length > 2 && !Files.exists(end)) {
        if (!ChildProcess.active().isEmpty()) {
          throw new IllegalStateException("nobody was started");
        }
        Thread.sleep(2);
      }
    }
  }

  private void end() throws IOException {
    Files.createFile(folder.resolve("end"));
  }

  private void makeCache() throws Exception {
    Root root = setup().start(Starter.class, "1", "stay");
    Children.await(() -> isMade());
    end();
    assertEquals(0, root.exitCode());
    assertEquals("false\n", root.out());
    assertEquals("", root.err());
    Files.delete(folder.resolve("end"));
  }

  private boolean isMade() {
    try {
      return files(".aot").size() == 1;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void itIsMadeOnceAndUsedFromThenOn() throws Exception {
    makeCache();
    assertEquals(List.of(), files(".tmp"));
    Root root = setup().start(Starter.class, "2");
    assertEquals(0, root.exitCode());
    assertEquals("true\ntrue\n", root.out());
    assertEquals("", root.err());
    assertEquals(1, files(".aot").size());
  }

  @Test
  void aDamagedOneIsRemovedInSilenceAndMadeAgain() throws Exception {
    makeCache();
    Path cache = files(".aot").getFirst();
    Files.write(cache, "this is no cache".repeat(1_000_000).getBytes(StandardCharsets.UTF_8));
    Root root = setup().start(Starter.class, "2", "stay");
    Children.await(() -> cache.toFile().length() != 16_000_000 && isMade());
    end();
    assertEquals(0, root.exitCode());
    assertEquals("false\nfalse\n", root.out());
    assertEquals("", root.err());
    Files.delete(folder.resolve("end"));
    Root next = setup().start(Starter.class, "1");
    assertEquals(0, next.exitCode());
    assertEquals("true\n", next.out());
  }

  @Test
  void itCanBeSwitchedOff() throws Exception {
    Root root = setup().options("-Dmultiprocessing.aot=off").start(Starter.class, "2");
    assertEquals(0, root.exitCode());
    assertFalse(Files.exists(caches));
  }

  @Test
  void aLibraryInFoldersHasNone() throws Exception {
    if (Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .anyMatch(entry -> entry.endsWith("multiprocessing.jar"))) {
      return;
    }
    Root root = setup().classPath(System.getProperty("java.class.path")).start(Starter.class, "1");
    assertEquals(0, root.exitCode());
    assertFalse(Files.exists(caches));
  }

  @Test
  void aFolderThatOthersMayWriteToIsNotUsed() throws Exception {
    Files.createDirectories(cacheFolder);
    Files.setPosixFilePermissions(cacheFolder, PosixFilePermissions.fromString("rwxrwxrwx"));
    Root root = setup().start(Starter.class, "2");
    assertEquals(0, root.exitCode());
    assertEquals(List.of(), files(""));
  }

  @Test
  void aPlaceThatCannotBeUsedIsNoError() throws Exception {
    Files.createFile(caches);
    Root root = setup().start(Starter.class, "1");
    assertEquals(0, root.exitCode());
    assertEquals("", root.err());
  }

  @Test
  void theMakerEndsWithTheRoot() throws Exception {
    for (String signal : List.of("INT", "KILL")) {
      Root root = setup().start(Starter.class, "1", "stay");
      Children.await(() -> hasMaker(root));
      long maker = makerOf(root);
      root.signal(signal);
      assertTrue(root.exitCode() > 128);
      Root.awaitGone(List.of(maker));
      assertEquals("", root.err());
    }
    makeCache();
  }

  private static boolean hasMaker(Root root) {
    return makerOf(root) != 0;
  }

  private static long makerOf(Root root) {
    return root.children()
        .filter(child -> child.info().commandLine().orElse("").contains("AotMaker"))
        .mapToLong(ProcessHandle::pid)
        .findFirst()
        .orElse(0);
  }
}
