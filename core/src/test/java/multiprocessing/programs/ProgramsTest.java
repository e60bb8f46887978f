package multiprocessing.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import multiprocessing.testing.Children;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The classes of a program get to its children however the program is started. Each of the tests
 * runs the same program, {@code Tour}: lambdas, a subclass of {@code ChildProcess}, elements of a
 * queue, a pool, and grandchildren.
 */
@ProcessTest
@Deadline(seconds = 120)
class ProgramsTest {
  private static final List<String> OPTIONS =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-Dmultiprocessing.aot=off");

  /** The loader of the class path, and that of {@code ServedClasses}, by their names. */
  private static final String OWN = "app";

  private static final String SERVED = "parent";

  @TempDir private Path folder;
  private Workshop workshop;

  @BeforeEach
  void open() {
    workshop = new Workshop(folder);
  }

  @Test
  @Proves({253, 276, 277, 278})
  void onTheClassPath() throws Exception {
    Path classes = workshop.compile("--class-path", workshop.source("Tour.java"));
    String path = classes + File.pathSeparator + Workshop.libraryPath();
    assertEquals(
        expected(OWN, "SPAWN", "FORKSERVER"),
        workshop.run("java", with(OPTIONS, "-cp", path, "Tour", "SPAWN", "FORKSERVER")));
  }

  @Test
  @Proves({279, 280})
  void asAJar() throws Exception {
    Path classes = workshop.compile("--class-path", workshop.source("Tour.java"));
    List<String> urls = Workshop.library().stream().map(each -> each.toUri().toString()).toList();
    Files.write(
        workshop.file("app.jar"),
        Workshop.jar(
            Workshop.manifest("Tour", String.join(" ", urls)), Workshop.files(classes, "")));
    assertEquals(
        expected(OWN, "SPAWN", "FORKSERVER"),
        workshop.run(
            "java", with(OPTIONS.subList(1, 3), "-jar", "app.jar", "SPAWN", "FORKSERVER")));
  }

  @Test
  @Proves({281, 282, 283, 284, 285})
  void asAModule() throws Exception {
    Path module =
        workshop.write("sources/module-info.java", "module tour { requires multiprocessing; }");
    Path source =
        workshop.write("sources/tour/Tour.java", "package tour;\n" + Workshop.text("Tour.java"));
    Path classes = workshop.compile("--module-path", module, source);
    String path = Workshop.libraryPath() + File.pathSeparator + classes;
    List<String> options =
        with(
            OPTIONS.subList(1, 3),
            "--enable-native-access=multiprocessing",
            "--module-path",
            path,
            "--module",
            "tour/tour.Tour",
            "SPAWN",
            "FORKSERVER");
    assertEquals(expected(OWN, "SPAWN", "FORKSERVER"), workshop.run("java", options));
  }

  @Test
  @Proves({273, 274, 275})
  void asASourceFile() throws Exception {
    workshop.source("Tour.java");
    List<String> options =
        with(
            OPTIONS,
            "--class-path",
            Workshop.libraryPath(),
            "Tour.java",
            "SPAWN",
            "FORKSERVER",
            "FORK");
    assertEquals(expected(SERVED, "SPAWN", "FORKSERVER", "FORK"), workshop.run("java", options));
  }

  @Test
  void inJShell() throws Exception {
    List<String> remote = OPTIONS.stream().map(option -> "-R" + option).toList();
    assertEquals(expected(SERVED, "SPAWN", "FORKSERVER"), runInJShell(remote));
  }

  @Test
  void inJShellItself() throws Exception {
    // The shell checks its own code by the class path of its virtual machine.
    List<String> local = new ArrayList<>(OPTIONS.stream().map(option -> "-J" + option).toList());
    local.add("-J--class-path=" + Workshop.libraryPath());
    local.addAll(List.of("--execution", "local"));
    assertEquals(expected(SERVED, "SPAWN", "FORKSERVER"), runInJShell(local));
  }

  private List<String> runInJShell(List<String> options) throws Exception {
    workshop.source("Tour.java");
    workshop.write(
        "script.jsh",
        """
        /open Tour.java
        Tour.main(new String[] {"SPAWN", "FORKSERVER"});
        /exit
        """);
    Path preferences = Files.createDirectories(workshop.file("preferences"));
    return workshop.run(
        "jshell",
        with(
            options,
            "-J-Djava.util.prefs.userRoot=" + preferences,
            "-J-Djava.util.logging.config.file=/dev/null",
            "-s",
            "--class-path",
            Workshop.libraryPath(),
            "script.jsh"));
  }

  @Test
  void outOfJarsInAJar() throws Exception {
    packFatJar();
    assertEquals(
        expected(SERVED, "SPAWN", "FORKSERVER", "FORK"),
        workshop.run(
            "java", with(OPTIONS.subList(1, 3), "-jar", "app.jar", "SPAWN", "FORKSERVER", "FORK")));
    try (Stream<Path> jars = Files.list(workshop.file("cache/multiprocessing/jars"))) {
      assertEquals(2, jars.count(), "the library and its dependency, copied once");
    }
  }

  @Test
  void aChildThatWaitsForAClassEndsWithItsParent() throws Exception {
    packFatJar();
    Path asked = workshop.file("asked");
    Process program =
        workshop.start(
            "java",
            with(
                OPTIONS.subList(1, 3),
                "-Dblock=Tour$Lazy",
                "-Dasked=" + asked,
                "-jar",
                "app.jar",
                "block",
                folder.toString()));
    Children.await(() -> Files.exists(asked));
    long child = pidOfChild();
    assertTrue(ProcessHandle.of(child).isPresent());
    program.destroyForcibly().waitFor();
    Children.await(() -> !isRunning(child));
  }

  private long pidOfChild() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("pid-"))
          .mapToLong(name -> Long.parseLong(name.substring("pid-".length())))
          .findFirst()
          .orElseThrow();
    }
  }

  /** A zombie does not run; the machine's first process may never reap it. */
  private static boolean isRunning(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return "ZX".indexOf(stat.charAt(stat.lastIndexOf(')') + 2)) < 0;
    } catch (IOException e) {
      return false;
    }
  }

  private void packFatJar() throws IOException {
    Path classes =
        workshop.compile(
            "--class-path", workshop.source("Tour.java"), workshop.source("FatMain.java"));
    Map<String, byte[]> files = new TreeMap<>();
    Workshop.files(classes, "")
        .forEach(
            (name, bytes) ->
                files.put(name.startsWith("FatMain") ? name : "BOOT-INF/classes/" + name, bytes));
    int number = 0;
    for (Path place : Workshop.library()) {
      files.put("BOOT-INF/lib/" + number++ + ".jar", Workshop.asJar(place));
    }
    Files.write(workshop.file("app.jar"), Workshop.jar(Workshop.manifest("FatMain", ""), files));
  }

  private static List<String> with(List<String> options, String... more) {
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of(more));
    return all;
  }

  private static List<String> expected(String loader, String... methods) {
    List<String> lines = new ArrayList<>();
    for (String method : methods) {
      lines.add(method + " Point[x=2, y=1] 7 5 [Point[x=8, y=7], Point[x=10, y=9]]");
      lines.add(method + " Point[x=12, y=11] Point[x=14, y=13]");
      if (!method.equals("FORK")) {
        lines.add(method + " " + loader + " true");
      }
    }
    return lines;
  }
}
