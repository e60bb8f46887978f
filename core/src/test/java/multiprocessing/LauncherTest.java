package multiprocessing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Repository;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the script {@code mp} says before it builds anything. */
@ProcessTest
class LauncherTest {
  @TempDir Path folder;

  private record Outcome(int exitCode, String output) {}

  private Outcome mp(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Repository.root().resolve("mp").toString());
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    try (var output = process.getInputStream()) {
      String text = new String(output.readAllBytes(), StandardCharsets.UTF_8);
      return new Outcome(process.waitFor(), text);
    }
  }

  private void assertRefuses(String sentence, String... arguments) throws Exception {
    assertEquals(new Outcome(2, "mp: " + sentence + "\n"), mp(arguments));
  }

  @Test
  void aloneItHelps() throws Exception {
    Outcome outcome = mp();

    assertEquals(0, outcome.exitCode());
    for (String command :
        List.of("run", "test", "stress", "long", "bench", "format", "conformance", "docs")) {
      assertTrue(outcome.output().contains("./mp " + command + " "), command);
    }
  }

  @Test
  void itListsAllExamples() throws Exception {
    Outcome outcome = mp("demo");

    assertEquals(0, outcome.exitCode());
    try (Stream<Path> programs = Files.list(Repository.root().resolve("examples/src/main/java"))) {
      assertEquals(programs.count(), outcome.output().lines().count(), outcome.output());
    }
    assertRefuses("there is no demo 'none'; ./mp demo lists them", "demo", "none");
  }

  @Test
  void whatItCannotDoIsOneSentence() throws Exception {
    assertRefuses("there is no command 'fly'; ./mp tells which there are", "fly");
    assertRefuses("run wants a file: ./mp run FILE.java [ARGS…]", "run");
    assertRefuses("there is no file No Such.java", "run", "No Such.java");
    assertRefuses(". is not a readable .java file", "run", ".");
    Path text = Files.createFile(folder.resolve("notes.txt"));
    assertRefuses(text + " is not a readable .java file", "run", text.toString());
  }
}
