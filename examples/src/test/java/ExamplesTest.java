import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import multiprocessing.Multiprocessing;
import multiprocessing.connection.Address;
import multiprocessing.manager.Manager;
import multiprocessing.process.StartMethod;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples that are no programs of the guide, as their users run them. */
@NullMarked
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ExamplesTest {
  private final List<Process> started = new CopyOnWriteArrayList<>();

  @TempDir Path folder;

  /** Also ends the reading of what they print, if the test has given up. */
  @AfterEach
  void end() {
    started.forEach(Process::destroyForcibly);
  }

  static Stream<StartMethod> methods() {
    return Multiprocessing.startMethods().stream();
  }

  @ParameterizedTest
  @MethodSource("methods")
  void mandelbrotPaintsBlackWhatStays(StartMethod method) throws Exception {
    int width = 90;
    int height = 60;
    Path file = folder.resolve("picture.png");

    ProgramRun run = run(method, "Mandelbrot", file.toString(), Integer.toString(width));

    assertPrinted("90 x 60 pixels in … s\nwritten to " + file, run);
    BufferedImage picture = ImageIO.read(file.toFile());
    assertEquals(width + " x " + height, picture.getWidth() + " x " + picture.getHeight());
    assertEquals(
        mandelbrot(width, height, (x, y) -> stays(x, y)),
        mandelbrot(width, height, (x, y) -> (picture.getRGB(x, y) & 0xffffff) == 0));
  }

  private interface Pixels {
    boolean isBlack(int x, int y);
  }

  private static String mandelbrot(int width, int height, Pixels pixels) {
    StringBuilder text = new StringBuilder();
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        text.append(pixels.isBlack(x, y) ? '#' : '.');
      }
      text.append('\n');
    }
    return text.toString();
  }

  /** Whether the middle of a pixel of the picture belongs to the set. */
  private static boolean stays(int column, int row) {
    double re = 3.6 * (column + 0.5) / 90 - 2.5;
    double im = 2.4 * (row + 0.5) / 60 - 1.2;
    double x = 0;
    double y = 0;
    for (int i = 0; i < 500; i++) {
      double next = x * x - y * y + re;
      y = 2 * x * y + im;
      x = next;
    }
    return Math.hypot(x, y) <= 4;
  }

  @ParameterizedTest
  @MethodSource("methods")
  void monteCarloComesNearPi(StartMethod method) throws Exception {
    ProgramRun run = run(method, "MonteCarlo", "1000000");

    assertPrinted("…\npi is about 3.14…", run);
    long before = 0;
    for (String line : run.out().subList(0, run.out().size() - 1)) {
      assertTrue(line.endsWith(" darts"), line);
      long darts = Long.parseLong(line.replaceAll("\\D", ""));
      assertTrue(before <= darts && darts <= 1_000_000, run::toString);
      before = darts;
    }
  }

  @ParameterizedTest
  @MethodSource("methods")
  void hashFilesPrintsWhatSha256sumPrints(StartMethod method) throws Exception {
    Path top = folder.resolve("top");
    Files.createDirectories(top.resolve("below"));
    List<String> files = new ArrayList<>(List.of("sha256sum"));
    for (int i = 0; i < 20; i++) {
      Path file = top.resolve(i % 2 == 0 ? "file " + i : "below/" + i);
      files.add(Files.write(file, new byte[i * i * 1000]).toString());
    }
    ProgramRun sums = ProgramRun.of(new ProcessBuilder(files), folder);
    sums.succeeded();

    ProgramRun run = run(method, "HashFiles", top.toString());

    run.printedInAnyOrder(String.join("\n", sums.out()));
    assertTrue(run.err().getFirst().startsWith("20 files, "), run::toString);
  }

  @ParameterizedTest
  @MethodSource("methods")
  void nativeCrashCostsOneWorker(StartMethod method) throws Exception {
    run(method, "NativeCrash")
        .printed(
            """
            strlen("survivor") = 8
            the worker is lost: WorkerLostException
            strlen("again") = 5
            """);
  }

  @ParameterizedTest
  @MethodSource("methods")
  void isolatedCallSurvivesAll(StartMethod method) throws Exception {
    assertPrinted(
        """
        a sum gives 42
        a failure throws itself: For input string: "six"
        an endless loop is stuck at app//IsolatedCall.spin(IsolatedCall.java:…)
        all memory is told: …
        the end of its virtual machine is told: exit code 3
        and this program goes on
        """,
        run(method, "IsolatedCall"));
  }

  @Test
  void jobServerHasItsWorkersCount() throws Exception {
    ProgramRun run = ProgramRun.of(ProgramRun.java("JobServer"), folder);

    run.succeeded();
    String workers =
        Stream.generate(() -> "worker … did … jobs\n")
            .limit(Multiprocessing.cpuCount())
            .collect(joining());
    assertTrue(
        ExpectedOutput.isPrintedInAnyOrder(
            "jobs at localhost:…\n348513 primes below 5000000\n" + workers, run.out()),
        run::toString);
    assertEquals(List.of(), run.err());
  }

  @Test
  void jobServerHandsOutAgainWhatIsNotDone() throws Exception {
    String key = "a secret";
    Process server = start(jobServer(key, "serve", "localhost:0"));
    try (BufferedReader output = server.inputReader()) {
      String place = Objects.requireNonNull(output.readLine()).replace("jobs at ", "");
      // A worker that takes some jobs, and is never heard of again.
      try (Manager manager =
          Manager.connect(Address.parse(place), key.getBytes(StandardCharsets.UTF_8))) {
        JobServer.Board board = manager.create(JobServer.Board.class);
        assertNotNull(board.next());
        assertNotEquals(board.next(), board.next());
      }
      Process worker = start(jobServer(key, "work", place));
      assertEquals("348513 primes below 5000000", output.readLine());
      assertEquals(0, worker.waitFor());
      assertEquals(0, server.waitFor());
    }
  }

  private Process start(ProcessBuilder command) throws IOException {
    Process process = command.start();
    started.add(process);
    return process;
  }

  @Test
  void jobServerWantsASecret() throws Exception {
    ProcessBuilder command = jobServer("", "work", "localhost:1");
    command.environment().remove("JOB_KEY");

    ProgramRun run = ProgramRun.of(command, folder);

    assertEquals(2, run.exitCode(), run::toString);
    assertEquals(1, run.err().size(), run::toString);
  }

  private static ProcessBuilder jobServer(String key, String... arguments) {
    ProcessBuilder command = ProgramRun.java("JobServer", arguments[0], arguments[1]);
    command.environment().put("JOB_KEY", key);
    return command;
  }

  @Test
  void pythonPeerAnswers() throws Exception {
    ProgramRun run = ProgramRun.of(ProgramRun.java("PythonPeer", "contniue", "goto"), folder);

    run.succeeded();
    run.printed(
        """
        Java says contniue, Python says continue
        Java says goto, Python says nothing
        Python ended with 0
        """);
  }

  private ProgramRun run(StartMethod method, String program, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(DemoMain.class.getName(), program, method.name()));
    command.addAll(List.of(arguments));
    ProgramRun run = ProgramRun.of(ProgramRun.java(command.toArray(String[]::new)), folder);
    run.succeeded();
    return run;
  }

  private static void assertPrinted(String expected, ProgramRun run) {
    assertTrue(ExpectedOutput.isPrinted(expected, run.out()), run::toString);
  }
}
