import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import multiprocessing.Multiprocessing;
import multiprocessing.process.StartMethod;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs every Demo program under every start method, and compares what it prints with what the
 * Python program of which it is the counterpart prints. Free are only the order among processes,
 * and how many processors there are. One after the other: like the Python programs, some rely on
 * their processes being up within a second.
 */
@NullMarked
@Timeout(120)
class DemoTest {
  private static final int TWICE_THE_PROCESSORS = 2 * Multiprocessing.cpuCount();

  @TempDir Path folder;

  static Stream<Arguments> runs() {
    return programs().stream()
        .flatMap(
            program ->
                program.equals("Demo19StartMethods")
                    ? Stream.of(Arguments.of(program, StartMethod.FORKSERVER)) // shows all of them
                    : Multiprocessing.startMethods().stream()
                        .map(method -> Arguments.of(program, method)));
  }

  /** The programs there are, so that none is without a test. */
  private static List<String> programs() {
    try (Stream<Path> files = Files.list(Path.of("src/main/java"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("Demo\\d\\d.*\\.java"))
          .map(name -> name.substring(0, name.length() - ".java".length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("runs")
  void printsWhatPythonPrints(String program, StartMethod method) throws Exception {
    ProgramRun run = run(program, method);
    switch (program.substring(0, "Demo00".length())) {
      case "Demo01", "Demo02" ->
          run.printedInAnyOrder("Worker: 0\nWorker: 1\nWorker: 2\nWorker: 3\nWorker: 4\n");
      case "Demo03" -> checkExitCodes(run);
      case "Demo04", "Demo05" -> checkLog(program, run);
      case "Demo06" ->
          run.printedInAnyOrder("In Worker-1\nIn Worker-2\nIn Worker-3\nIn Worker-4\nIn Worker-5");
      case "Demo07" -> run.printed("Doing something fancy in Process-1 for Fancy Dan!\n");
      case "Demo08" -> checkConsumers(run);
      case "Demo09" -> checkEvent(run);
      case "Demo10" -> run.printedInAnyOrder("Lock acquired via with\nLock acquired directly");
      case "Demo11" -> checkStages(run);
      case "Demo12" -> checkActivePool(run);
      case "Demo13" ->
          run.printed(
              "Results: {0: 0, 1: 2, 2: 4, 3: 6, 4: 8, 5: 10, 6: 12, 7: 14, 8: 16, 9: 18}\n");
      case "Demo14", "Demo15", "Demo16" -> checkNamespace(program, run);
      case "Demo17", "Demo18" -> checkPool(program, run);
      case "Demo19" -> checkStartMethods(run);
      default -> throw new AssertionError("a program without a check: " + program);
    }
    if (!program.matches("Demo0[345].*")) {
      assertEquals(List.of(), run.err());
    }
  }

  private static void checkExitCodes(ProgramRun run) {
    run.printed(
        """
        Starting process for exit_error
        Starting process for exit_ok
        Starting process for return_value
        Starting process for raises
        Starting process for terminated
             exit_error.exitcode = 1
                exit_ok.exitcode = 0
           return_value.exitcode = 0
                 raises.exitcode = 1
             terminated.exitcode = -15
        """);
    assertEquals("Process raises:", run.err().get(0));
    assertEquals("java.lang.RuntimeException: There was an error!", run.err().get(1));
    run.err().stream().skip(2).forEach(line -> assertTrue(line.startsWith("\tat "), line));
  }

  private static void checkLog(String program, ProgramRun run) {
    run.printed("Doing some work\n");
    String log =
        """
        [INFO/Process-1] child process calling self.run()
        [INFO/Process-1] process shutting down
        [DEBUG/Process-1] running all "atexit" finalizers with priority >= 0
        [DEBUG/Process-1] running the remaining "atexit" finalizers
        [INFO/Process-1] process exiting with exitcode 0
        [INFO/MainProcess] process shutting down
        [DEBUG/MainProcess] running all "atexit" finalizers with priority >= 0
        [DEBUG/MainProcess] running the remaining "atexit" finalizers
        """;
    boolean isDebug = program.contains("Demo04");
    assertEquals(
        log.lines().filter(line -> isDebug || line.startsWith("[INFO")).toList(), run.err());
  }

  private static void checkConsumers(ProgramRun run) {
    assertEquals("Creating " + TWICE_THE_PROCESSORS + " consumers", run.out().getFirst());
    Set<String> exits = new TreeSet<>();
    Set<String> results = new TreeSet<>();
    for (int i = 1; i <= TWICE_THE_PROCESSORS; i++) {
      exits.add("Consumer-" + i + ": Exiting");
    }
    for (int i = 0; i < 10; i++) {
      String task = i + " * " + i;
      results.add("Result: " + task + " = " + i * i);
      assertEquals(
          1,
          run.out().stream()
              .filter(line -> line.matches("Consumer-\\d+: \\Q" + task + "\\E"))
              .count(),
          run::toString);
    }
    assertEquals(exits, run.matching(".*Exiting"));
    assertEquals(results, run.matching("Result: .*"));
    assertEquals(1 + 10 + TWICE_THE_PROCESSORS + 10, run.out().size());
    assertTrue(
        run.out().subList(run.out().size() - 10, run.out().size()).containsAll(results),
        run::toString);
  }

  private static void checkEvent(ProgramRun run) {
    List<String> out = run.out();
    int waited = out.indexOf("wait_for_event_timeout: e.is_set()-> False");
    // On a slow machine the process may come up after the event was set: an order like any other.
    boolean isLate = out.contains("wait_for_event_timeout: e.is_set()-> True");
    run.printedInAnyOrder(
        """
        main: waiting before calling Event.set()
        wait_for_event: starting
        wait_for_event_timeout: starting
        wait_for_event_timeout: e.is_set()-> %s
        main: event is set
        wait_for_event: e.is_set()-> True
        """
            .formatted(isLate ? "True" : "False"));
    assertTrue(waited < out.indexOf("wait_for_event: e.is_set()-> True"), run::toString);
  }

  private static void checkStages(ProgramRun run) {
    assertEquals(
        List.of(
            "Starting stage_2[1]",
            "Starting stage_2[2]",
            "Starting s1",
            "s1 done and ready for stage 2"),
        run.out().subList(0, 4),
        run::toString);
    assertEquals(
        List.of("stage_2[1] running", "stage_2[2] running"),
        run.out().stream().skip(4).sorted().toList());
  }

  private static void checkActivePool(ProgramRun run) {
    Set<String> activated = new TreeSet<>();
    for (String line : run.out()) {
      String active = "\\[('\\d'(, '\\d'){0,2})?\\]"; // never more than three
      if (line.startsWith("Activating")) {
        assertTrue(line.matches("Activating \\d now running " + active), line);
        activated.add(line.substring(0, "Activating 0".length()));
      } else {
        assertTrue(line.matches("Now running " + active), line);
      }
    }
    assertEquals(10, activated.size(), run::toString);
    assertEquals("Now running []", run.out().getLast());
  }

  private static void checkNamespace(String program, ProgramRun run) {
    boolean isEarly = run.out().getFirst().contains("This is the value");
    switch (program.substring(0, "Demo00".length())) {
      case "Demo14" ->
          run.printed(
              (isEarly // the producer was faster, which is the order among processes
                      ? "Before event: This is the value"
                      : "Before event, error: 'Namespace' object has no attribute 'value'")
                  + "\nAfter event: This is the value\n");
      case "Demo15" -> run.printed("Before event: []\nAfter event : []\n");
      default ->
          run.printed(
              "Before event: "
                  + (isEarly ? "[This is the value]" : "[]")
                  + "\nAfter event : [This is the value]\n");
    }
  }

  private static void checkPool(String program, ProgramRun run) {
    assertEquals("Input   : [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]", run.out().get(0));
    assertTrue(run.out().get(1).matches("Built-in: \\S+@\\p{XDigit}+"), run.out().get(1));
    assertEquals("Pool    : [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]", run.out().getLast());
    int started = run.matching("Starting \\w*PoolWorker-\\d+").size();
    assertEquals(run.out().size() - 3, started);
    if (program.startsWith("Demo17")) {
      assertEquals(TWICE_THE_PROCESSORS, started);
    } else {
      assertTrue(started >= TWICE_THE_PROCESSORS, run::toString);
    }
  }

  private static void checkStartMethods(ProgramRun run) {
    List<String> expected = new ArrayList<>();
    for (StartMethod method : Multiprocessing.startMethods()) {
      boolean isCopy = method == StartMethod.FORK;
      expected.add(
          method
              + ": the static field says '"
              + (isCopy ? "read by the parent" : "the default")
              + "'");
      expected.add(method + ": the captured object says 'read by the parent'");
      expected.add(
          method + ": the system property says '" + (isCopy ? "set by the parent" : "null") + "'");
    }
    assertEquals(expected, run.out());
  }

  private ProgramRun run(String program, StartMethod method) throws Exception {
    String main = DemoMain.class.getName();
    ProgramRun run = ProgramRun.of(ProgramRun.java(main, program, method.name()), folder);
    run.succeeded();
    return run;
  }
}
