package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import multiprocessing.testing.Children;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The AOT caches: made in the background, used when they are there, and never in anybody's way. */
@ProcessTest
@Deadline(seconds = 180)
final class AotTest {
  private static final String MAKER = "AotMaker";
  private static final String NONE = "none";

  /** Starts children until one of them uses a cache. */
  private static final String MODULAR =
      """
      package app;

      import java.nio.file.Files;
      import java.nio.file.Path;
      import multiprocessing.process.ChildProcess;
      import multiprocessing.process.StartMethod;

      public final class Main {
        public static void main(String[] arguments) throws Exception {
          String answer = arguments[0];
          do {
            var child =
                ChildProcess.builder()
                    .target(() -> tell(answer))
                    .startMethod(StartMethod.SPAWN)
                    .start();
            child.join();
          } while (!Files.readString(Path.of(answer)).endsWith(".aot"));
          System.out.println(Files.readString(Path.of(answer)));
        }

        private static void tell(String answer) throws Exception {
          String cache = "";
          for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            if (line.endsWith(".aot")) {
              cache = line.substring(line.lastIndexOf('/') + 1);
            }
          }
          String module = Main.class.getModule().getName();
          Files.writeString(Path.of(answer), module + " " + cache);
        }
      }
      """;

  @TempDir static Path library;
  private static String classPath = "";
  private static Path jar = Path.of("");

  @TempDir Path folder;
  private Path caches;
  private Path cacheFolder;

  /** The library must be a jar; a test has it as a folder. */
  @BeforeAll
  static void pack() throws Exception {
    Path place = placeOf(ChildProcess.class);
    jar = Files.isDirectory(place) ? pack(place, "multiprocessing.jar") : place;
    classPath = classPathWith(Map.of(place, jar));
  }

  private static Path placeOf(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private static Path pack(Path folder, String name) throws IOException {
    Path target = library.resolve(name);
    try (OutputStream file = Files.newOutputStream(target);
        JarOutputStream entries = new JarOutputStream(file);
        Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.filter(Files::isRegularFile).toList()) {
        entries.putNextEntry(new JarEntry(folder.relativize(each).toString()));
        Files.copy(each, entries);
      }
    }
    return target;
  }

  private static String classPathWith(Map<Path, Path> replacements) {
    List<String> entries = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path place = Path.of(entry).toAbsolutePath();
      entries.add(replacements.getOrDefault(place, place).toString());
    }
    return String.join(File.pathSeparator, entries);
  }

  @BeforeEach
  void chooseFolders() {
    caches = folder.resolve("cache");
    cacheFolder = caches.resolve("multiprocessing").resolve("aot");
  }

  /** Makers outlive the roots, and write to folders that are about to be deleted. */
  @AfterEach
  void awaitMakers() throws InterruptedException {
    Children.await(
        () ->
            ProcessHandle.allProcesses()
                .map(each -> each.info().commandLine().orElse(""))
                .noneMatch(
                    line ->
                        line.contains(folder.toString())
                            || (line.contains(MAKER) && line.contains(jar.toString()))));
  }

  private Root.Setup setup() {
    return setup(
        "-Dmultiprocessing.aot=now"); // on a busy machine a maker that yields takes minutes
  }

  private Root.Setup setup(String option) {
    return new Root.Setup(folder)
        .classPath(classPath)
        .options(option)
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

  /** Starts children, and writes for each which cache it uses, until told to end. */
  static final class Starter {
    private Starter() {}

    public static void main(String[] arguments) throws Exception {
      Path end = Path.of(arguments[0], "end");
      StartMethod method = StartMethod.valueOf(arguments[1]);
      for (int i = 0; i < Integer.parseInt(arguments[2]); i++) {
        ChildProcess child =
            ChildProcess.builder()
                .target(() -> System.out.println(cacheInUse()))
                .startMethod(method)
                .start();
        child.join();
      }
      while (arguments.length > 3 && !Files.exists(end)) {
        if (!ChildProcess.active().isEmpty()) {
          throw new IllegalStateException("nobody was started");
        }
        Thread.sleep(2);
      }
    }

    private static String cacheInUse() throws IOException {
      return Files.readAllLines(Path.of("/proc/self/maps")).stream()
          .filter(line -> line.endsWith(".aot"))
          .map(line -> line.substring(line.lastIndexOf('/') + 1))
          .findFirst()
          .orElse(NONE);
    }
  }

  private Root start(Root.Setup setup, int children, String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("SPAWN", "" + children));
    arguments.addAll(List.of(more));
    return setup.start(Starter.class, arguments.toArray(String[]::new));
  }

  private void end() throws IOException {
    Files.createFile(folder.resolve("end"));
  }

  private void makeCache() throws Exception {
    Root root = start(setup(), 1, "stay");
    Children.await(() -> isMade());
    end();
    assertEquals(0, root.exitCode());
    assertEquals(NONE + "\n", root.out());
    assertEquals("", root.err());
    Files.delete(folder.resolve("end"));
  }

  private boolean isMade() {
    return count(".aot") == 1;
  }

  @Test
  void itIsMadeOnceAndUsedFromThenOn() throws Exception {
    makeCache();
    assertEquals(List.of(), files(".tmp"));
    String cache = files(".aot").getFirst().getFileName().toString();
    Root root = start(setup(), 2);
    assertEquals(0, root.exitCode());
    assertEquals((cache + "\n").repeat(2), root.out());
    assertEquals("", root.err());
    assertEquals(1, files(".aot").size());
  }

  @Test
  void aDamagedOneIsRemovedInSilenceAndMadeAgain() throws Exception {
    makeCache();
    Path cache = files(".aot").getFirst();
    Files.write(cache, "this is no cache".repeat(1_000_000).getBytes(StandardCharsets.UTF_8));
    Root root = start(setup(), 2, "stay");
    Children.await(() -> cache.toFile().length() != 16_000_000 && isMade());
    end();
    assertEquals(0, root.exitCode());
    assertEquals((NONE + "\n").repeat(2), root.out());
    assertEquals("", root.err());
    Files.delete(folder.resolve("end"));
    Root next = start(setup(), 1);
    assertEquals(0, next.exitCode());
    assertTrue(next.out().endsWith(".aot\n"), next.out()); // of the library, or of the program
  }

  @Test
  void itCanBeSwitchedOff() throws Exception {
    Root root = start(setup("-Dmultiprocessing.aot=off"), 2);
    assertEquals(0, root.exitCode());
    assertFalse(Files.exists(cacheFolder));
  }

  @Test
  void aLibraryInFoldersHasNone() throws Exception {
    if (Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .anyMatch(entry -> entry.endsWith("multiprocessing.jar"))) {
      return;
    }
    Root root = start(setup().classPath(System.getProperty("java.class.path")), 1);
    assertEquals(0, root.exitCode());
    assertFalse(Files.exists(cacheFolder));
  }

  @Test
  void aFolderThatOthersMayWriteToIsNotUsed() throws Exception {
    Files.createDirectories(cacheFolder);
    Files.setPosixFilePermissions(cacheFolder, PosixFilePermissions.fromString("rwxrwxrwx"));
    Root root = start(setup(), 2);
    assertEquals(0, root.exitCode());
    assertEquals(List.of(), files(""));
  }

  @Test
  void aPlaceThatCannotBeUsedIsNoError() throws Exception {
    Files.createFile(caches);
    Root root = start(setup(), 1);
    assertEquals(0, root.exitCode());
    assertEquals("", root.err());
  }

  @Test
  void theMakerOutlivesTheRoot() throws Exception {
    Root root = start(setup(), 1, "stay");
    Children.await(() -> makerOf(root) != 0);
    root.signal("KILL");
    assertTrue(root.exitCode() > 128);
    assertEquals(List.of(), files(".aot"));
    Children.await(this::isMade);
    assertEquals("", root.err());
  }

  @Test
  void aForkServerHasItMadeAsWell() throws Exception {
    Root root = setup().start(Starter.class, "FORKSERVER", "1");
    assertEquals(0, root.exitCode());
    assertEquals(NONE + "\n", root.out());
    Children.await(this::isMade);
    Root next = setup().start(Starter.class, "FORKSERVER", "1");
    assertEquals(0, next.exitCode());
    assertEquals(files(".aot").getFirst().getFileName() + "\n", next.out());
  }

  /** The class path of the tests, of which nothing is a folder. */
  private String classPathOfJars() throws Exception {
    Path tests = placeOf(AotTest.class);
    return classPathWith(Map.of(placeOf(ChildProcess.class), jar, tests, pack(tests, "tests.jar")));
  }

  @Test
  void aProgramOfJarsHasOneOfItsOwn() throws Exception {
    String jars = classPathOfJars();
    makeCache();
    String ofLibrary = files(".aot").getFirst().getFileName().toString();
    Root first = start(setup().classPath(jars), 2);
    assertEquals(0, first.exitCode());
    assertEquals((ofLibrary + "\n").repeat(2), first.out());
    Children.await(() -> count(".aot") == 2);
    awaitMakers();
    assertEquals(0, count(".classes"));
    Root second = start(setup().classPath(jars), 1);
    assertEquals(0, second.exitCode());
    assertEquals("", second.err());
    String ofProgram = second.out().strip();
    assertFalse(List.of(NONE, ofLibrary).contains(ofProgram), ofProgram);
    assertTrue(Files.exists(cacheFolder.resolve(ofProgram)));
    Root third = start(setup(), 1);
    assertEquals(0, third.exitCode());
    assertEquals(ofLibrary + "\n", third.out());
  }

  /** Starts a child that logs the classes it loads; its task is written in another class. */
  static final class OtherStarter {
    private OtherStarter() {}

    public static void main(String[] arguments) throws Exception {
      ChildProcess child =
          ChildProcess.builder()
              .target(() -> System.out.println(Starter.cacheInUse()))
              .startMethod(StartMethod.SPAWN)
              .options(
                  ProcessOptions.builder()
                      .jvmOptions("-Xlog:class+load:file=" + arguments[0] + "/loaded")
                      .build())
              .start();
      child.join();
    }
  }

  @Test
  void theCacheOfAProgramLearnsOtherTasks() throws Exception {
    String jars = classPathOfJars();
    makeCache();
    assertEquals(0, start(setup().classPath(jars), 1).exitCode());
    Children.await(() -> count(".names") == 1);
    awaitMakers();
    Path names = files(".names").getFirst();
    Path cache = Path.of(names.toString().replace(".names", ""));
    String home = OtherStarter.class.getName();
    String starter = Starter.class.getName();
    assertTrue(linesOf(names).contains(starter));
    assertFalse(linesOf(names).contains(home));
    assertTrue(isLoadedFromElsewhere(jars, cache), "the cache has what it cannot have");
    Children.await(() -> linesOf(names).contains(home));
    awaitMakers();
    assertTrue(linesOf(names).contains(starter));
    assertFalse(isLoadedFromElsewhere(jars, cache), "the cache has not learned");
    awaitMakers();
    assertEquals(2, count(".aot"));
    assertEquals(0, count(".tmp") + count(".classes"));
  }

  /** Runs a child with the cache; gives whether the class of its task came from elsewhere. */
  private boolean isLoadedFromElsewhere(String jars, Path cache) throws Exception {
    Root root = setup().classPath(jars).start(OtherStarter.class);
    assertEquals(0, root.exitCode());
    assertEquals("", root.err());
    assertEquals(cache.getFileName() + "\n", root.out());
    String line =
        linesOf(folder.resolve("loaded")).stream()
            .filter(each -> each.contains(OtherStarter.class.getName() + " source: "))
            .findFirst()
            .orElseThrow();
    return !line.endsWith("shared objects file");
  }

  private static List<String> linesOf(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aProgramOfModulesHasOneOfItsOwn() throws Exception {
    String modulePath = jar + File.pathSeparator + placeOf(Class.forName("org.apache.fory.Fory"));
    Path program = pack(ModulePathTest.compile(folder, modulePath, MODULAR), "app.jar");
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dmultiprocessing.aot=now",
                "--enable-native-access=multiprocessing",
                "--module-path",
                modulePath + File.pathSeparator + program,
                "--module",
                "app/app.Main",
                folder.resolve("cache-in-use").toString())
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile());
    builder.environment().put("XDG_CACHE_HOME", caches.toString());
    builder.environment().remove("CLASSPATH"); // has folders in it, which no cache can be made of
    assertEquals(0, builder.start().waitFor());
    assertEquals("", Files.readString(folder.resolve("err")));
    String cache = files(".aot").getFirst().getFileName().toString();
    assertEquals("app " + cache + "\n", Files.readString(folder.resolve("out")));
  }

  private long count(String suffix) {
    try {
      return files(suffix).size();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long makerOf(Root root) {
    return root.children()
        .filter(child -> child.info().commandLine().orElse("").contains(MAKER))
        .mapToLong(ProcessHandle::pid)
        .findFirst()
        .orElse(0);
  }
}
