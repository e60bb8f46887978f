package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.TimeZone;
import multiprocessing.Multiprocessing;
import multiprocessing.error.SerializationException;
import multiprocessing.internal.launch.ForkServer;
import multiprocessing.internal.session.Log;
import multiprocessing.testing.Children;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The settings of a fork server, and what its children have of the zygote. */
final class ForkServersTest extends ChildTests {
  private static final int DEFAULT_SPARES = 1;

  ForkServersTest() {
    super(StartMethod.FORKSERVER);
  }

  /** Shows by its value in which process it was initialized. */
  private static final class Stamp {
    static final long VALUE = System.nanoTime();
  }

  private static final class Broken {
    static {
      if (Stamp.VALUE != 0) {
        throw new IllegalStateException("broken on purpose");
      }
    }
  }

  /** What a warm-up leaves behind. */
  private static final class Warmth {
    static String value = "cold";
  }

  @BeforeEach
  @AfterEach
  void useTheDefaults() {
    ForkServers.preload();
    ForkServers.warmUp(null);
    ForkServers.spares(DEFAULT_SPARES);
  }

  private String stamp() throws Exception {
    return ask(() -> "" + Stamp.VALUE);
  }

  /** What is kept ready: the zygote, then the spares. */
  private static List<Long> pids() {
    ForkServers.start();
    return ForkServer.get().pids();
  }

  // Preloading

  @Test
  @Proves(252)
  void childrenFindPreloadedClassesInitialized() throws Exception {
    Multiprocessing.setForkServerPreload(Stamp.class.getName());
    String stamp = stamp();
    assertEquals(stamp, stamp());
    assertNotEquals("" + Stamp.VALUE, stamp);
    ForkServers.preload(); // replaces the names
    assertNotEquals(stamp(), stamp());
  }

  @Test
  @Proves(208)
  void aMissingClassIsNamedAtOnce() throws Exception {
    ForkServers.preload(Stamp.class.getName());
    long zygote = pids().getFirst();
    IllegalArgumentException thrown =
        assertThrows(
            IllegalArgumentException.class,
            () -> ForkServers.preload(Warmth.class.getName(), "no.such.Thing"));
    assertTrue(
        Objects.requireNonNull(thrown.getMessage()).contains("no.such.Thing"), thrown.getMessage());
    assertEquals(zygote, pids().getFirst(), "the old setting holds");
    assertEquals(stamp(), stamp());
  }

  @Test
  void newSettingsLeaveRunningChildrenAlone() throws Exception {
    ChildProcess child = sleeper();
    List<Long> old = pids();
    ForkServers.preload(Stamp.class.getName());
    Root.awaitGone(old);
    assertEquals(stamp(), stamp());
    assertTrue(child.isAlive());
    Children.kill(child);
  }

  // Warming up

  private static SerializableRunnable writePid(String file) {
    return () ->
        Files.writeString(
            Path.of(file),
            OtherProcess.self().pid() + "\n",
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND);
  }

  @Test
  void theWarmUpRunsOnceBeforeTheFirstFork() throws Exception {
    String file = folder.resolve("warm").toString();
    String word = "warm " + System.nanoTime();
    ForkServers.warmUp(
        () -> {
          writePid(file).run();
          Warmth.value = word + " " + Stamp.VALUE;
        });
    ForkServers.preload(Stamp.class.getName());
    String warmth = ask(() -> Warmth.value);
    assertEquals(word + " " + stamp(), warmth);
    assertEquals(warmth, ask(() -> Warmth.value));
    assertEquals(List.of("" + pids().getFirst()), Files.readAllLines(Path.of(file)));
    assertEquals("cold", Warmth.value);
    ForkServers.warmUp(null);
    assertEquals("cold", ask(() -> Warmth.value));
  }

  @Test
  void aWarmUpThatCannotTravelIsRefusedAtOnce() throws Exception {
    long zygote = pids().getFirst();
    Thread culprit = new Thread();
    SerializableRunnable task = () -> Objects.requireNonNull(culprit);
    assertThrows(SerializationException.class, () -> ForkServers.warmUp(task));
    assertEquals(zygote, pids().getFirst());
    ForkServers.preload(Stamp.class.getName());
    assertEquals(stamp(), stamp());
  }

  /** Notes what the library logs in this process. */
  private static final class Warnings implements Log.Sink, AutoCloseable {
    final List<String> messages = new ArrayList<>();
    private final Log.Sink before = Log.sink();

    Warnings() {
      Log.setSink(this);
    }

    @Override
    public int level() {
      return Log.WARNING;
    }

    @Override
    public boolean toStderr() {
      return false;
    }

    @Override
    public synchronized void write(int level, String message) {
      messages.add(message);
    }

    /** What was logged up to now, all of it. */
    synchronized String all() {
      return String.join("\n", messages);
    }

    @Override
    public void close() {
      Log.setSink(before);
    }
  }

  @Test
  void whatFailsInTheZygoteIsLoggedAndItGoesOn() throws Exception {
    ForkServers.preload(Broken.class.getName(), Stamp.class.getName());
    ForkServers.warmUp(
        () -> {
          throw new java.io.IOException("no warmth today");
        });
    try (Warnings warnings = new Warnings()) {
      assertEquals(stamp(), stamp());
      String all = warnings.all();
      assertTrue(all.contains("cannot preload " + Broken.class.getName()), all);
      assertTrue(all.contains("no warmth today"), all);
      assertEquals(1, warnings.messages.size(), all);
    }
  }

  @Test
  @Tag("stress")
  @Deadline(seconds = 300)
  void aWarmUpMayTakeLong() throws Exception {
    ForkServers.preload(Stamp.class.getName());
    ForkServers.warmUp(() -> Thread.sleep(40_000));
    try (Warnings warnings = new Warnings()) {
      assertEquals(stamp(), stamp());
      assertEquals("", warnings.all());
    }
  }

  @Test
  void aWarmUpThatEndsTheZygoteIsLoggedAndChildrenStart() throws Exception {
    ForkServers.preload(Stamp.class.getName());
    ForkServers.warmUp(() -> System.exit(3));
    try (Warnings warnings = new Warnings()) {
      assertNotEquals(stamp(), stamp(), "both are machines of their own");
      assertTrue(warnings.all().contains("given up: it has ended"), warnings.all());
    }
    ForkServers.warmUp(null);
    assertEquals(stamp(), stamp());
  }

  @Test
  void aThreadThatIsLeftInTheZygoteIsLogged() throws Exception {
    ForkServers.warmUp(
        () -> new Thread(() -> unchecked(() -> Thread.sleep(300)), "left-by-warm-up").start());
    try (Warnings warnings = new Warnings()) {
      assertEquals(0, run(() -> {}));
      assertTrue(warnings.all().contains("left-by-warm-up"), warnings.all());
    }
  }

  // Spares

  @Test
  void thereAreAsManySparesAsAreWanted() throws Exception {
    for (int spares : new int[] {0, 5, 1, 0}) {
      ForkServers.spares(spares);
      List<Long> before = pids();
      assertEquals(1 + spares, before.size(), "with " + spares + " spares");
      long child = Long.parseLong(ask(() -> "" + OtherProcess.self().pid()));
      assertEquals(spares > 0, before.contains(child), "with " + spares + " spares");
      List<Long> after = pids();
      assertEquals(1 + spares, after.size(), "with " + spares + " spares");
      assertFalse(after.contains(child));
      assertEquals(before.getFirst(), after.getFirst());
    }
  }

  @Test
  void theNumberOfSparesIsChecked() {
    assertThrows(IllegalArgumentException.class, () -> ForkServers.spares(-1));
    assertThrows(IllegalArgumentException.class, () -> ForkServers.spares(65));
    assertEquals(1 + DEFAULT_SPARES, pids().size());
  }

  // Start and stop

  @Test
  void itStartsAheadOfTimeAndOnce() {
    ForkServers.stop();
    assertEquals(List.of(), ForkServer.get().pids());
    List<Long> pids = pids();
    assertEquals(1 + DEFAULT_SPARES, pids.size());
    assertEquals(pids, pids());
    for (long pid : pids) {
      assertTrue(Root.runs(pid));
      assertTrue(new OtherProcess(pid).commandLine().contains("ZygoteMain"));
    }
  }

  @Test
  void whatIsStoppedEndsButChildrenGoOn() throws Exception {
    ChildProcess child = sleeper();
    List<Long> old = pids();
    ForkServers.stop();
    ForkServers.stop();
    assertEquals(List.of(), ForkServer.get().pids());
    Root.awaitGone(old);
    assertTrue(child.isAlive());
    assertEquals(4, run(() -> System.exit(4)));
    assertNotEquals(old.getFirst(), pids().getFirst());
    Children.kill(child);
  }

  // Children of children

  /** Starts children below each other, and writes the pids of all of them, the lowest first. */
  private static void goDown(String file, int levels) throws Exception {
    if (levels > 0) {
      ChildProcess below =
          ChildProcess.builder()
              .startMethod(StartMethod.FORKSERVER)
              .target(() -> goDown(file, levels - 1))
              .start();
      below.join();
      assertEquals(0, below.exitCode().orElseThrow());
    }
    writePid(file).run();
    for (long pid : ForkServer.get().pids()) {
      Files.writeString(Path.of(file), pid + "\n", StandardOpenOption.APPEND);
    }
  }

  @Test
  void childrenHaveForkServersOfTheirOwn() throws Exception {
    String file = folder.resolve("pids").toString();
    assertEquals(0, run(() -> goDown(file, 3)));
    List<Long> pids = Files.readAllLines(Path.of(file)).stream().map(Long::valueOf).toList();
    // Three of them have a zygote and a spare each, the lowest has started none.
    assertEquals(4 + 3 * 2, pids.stream().distinct().count());
    Root.awaitGone(pids);
  }

  @Test
  void aDaemonMayNotHaveChildrenAndEndsWithItsParent() throws Exception {
    String file = folder.resolve("daemon").toString();
    assertEquals(
        0,
        run(
            () -> {
              ChildProcess.builder()
                  .startMethod(StartMethod.FORKSERVER)
                  .daemon(true)
                  .target(
                      () -> {
                        ChildProcess below =
                            ChildProcess.builder()
                                .startMethod(StartMethod.FORKSERVER)
                                .target(() -> {})
                                .build();
                        assertThrows(IllegalStateException.class, below::start);
                        assertTrue(below.daemon());
                        writePid(file).run();
                        sleepLong();
                      })
                  .start();
              Children.await(() -> new File(file).length() > 0);
            }));
    Root.awaitGone(List.of(Long.valueOf(Files.readString(Path.of(file)).strip())));
  }

  // What children have of their own

  private String ask(ProcessOptions.Builder options, SerializableSupplier<String> question)
      throws Exception {
    String file = folder.resolve("answer").toString();
    ChildProcess child =
        child(() -> Files.writeString(Path.of(file), question.get() + " " + Stamp.VALUE))
            .options(options.build())
            .start();
    assertEquals(0, Children.exitCode(child));
    return Files.readString(Path.of(file));
  }

  @Test
  void whatOnlyAFreshMachineCanHaveIsHadInOne() throws Exception {
    ForkServers.preload(Stamp.class.getName());
    String forked = stamp();
    String real = folder.toRealPath().toString();
    List<String> answers =
        List.of(
            ask(
                ProcessOptions.builder().heapLimit(32 << 20),
                () -> "" + (Runtime.getRuntime().maxMemory() <= 32 << 20)),
            ask(
                ProcessOptions.builder().environment("MP_TEST", "true"),
                () -> System.getenv("MP_TEST")),
            ask(
                ProcessOptions.builder().directory(folder),
                () -> "" + Path.of("").toRealPath().toString().equals(real)),
            ask(
                ProcessOptions.builder().jvmOptions("-Dmp.test=true"),
                () -> System.getProperty("mp.test")));
    for (String answer : answers) {
      assertTrue(answer.startsWith("true "), answers::toString);
      assertFalse(answer.endsWith(forked), answers::toString);
    }
    assertEquals(4, answers.stream().distinct().count(), "each is a machine of its own");
  }

  @Test
  void whatAForkCanHaveIsHadInOne() throws Exception {
    ForkServers.preload(Stamp.class.getName());
    String forked = stamp();
    File out = folder.resolve("out").toFile();
    File err = folder.resolve("err").toFile();
    ProcessOptions.Builder options =
        ProcessOptions.builder()
            .processors(0)
            .nice(3)
            .stdout(Redirect.to(out))
            .stderr(Redirect.to(err));
    for (int i = 0; i < 2; i++) {
      assertEquals(
          "1 " + forked,
          ask(
              options,
              () -> {
                System.out.print("ÄÖ€ out");
                System.err.print("ÄÖ€ err");
                return "" + Runtime.getRuntime().availableProcessors();
              }));
      assertEquals("ÄÖ€ out", Files.readString(out.toPath(), System.out.charset()));
      assertEquals("ÄÖ€ err", Files.readString(err.toPath(), System.err.charset()));
    }
    int all = Runtime.getRuntime().availableProcessors();
    assertEquals(
        all + " " + forked,
        ask(ProcessOptions.builder(), () -> "" + Runtime.getRuntime().availableProcessors()));
  }

  private static String localTexts() {
    String time =
        DateTimeFormatter.ofLocalizedDateTime(FormatStyle.FULL)
            .format(Instant.EPOCH.atZone(ZoneId.systemDefault()));
    return String.format("%s %,.1f %s", Locale.getDefault(), 12345.6, time);
  }

  @Test
  void localeAndTimeZoneAreThoseOfTheParentAtTheStart() throws Exception {
    ForkServers.preload(Stamp.class.getName());
    ForkServers.warmUp(ForkServersTest::localTexts); // so that the zygote has those of its time
    Locale locale = Locale.getDefault();
    TimeZone zone = TimeZone.getDefault();
    String forked = stamp();
    try {
      for (String place : List.of("de-DE Asia/Kathmandu", "th-TH-u-nu-thai Pacific/Apia")) {
        String[] parts = place.split(" ", -1);
        Locale.setDefault(Locale.forLanguageTag(parts[0]));
        TimeZone.setDefault(TimeZone.getTimeZone(parts[1]));
        assertEquals(
            localTexts() + " " + forked,
            ask(ProcessOptions.builder(), ForkServersTest::localTexts));
      }
    } finally {
      Locale.setDefault(locale);
      TimeZone.setDefault(zone);
    }
    assertEquals(
        localTexts() + " " + forked, ask(ProcessOptions.builder(), ForkServersTest::localTexts));
  }
}
