package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.FileInputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TimeZone;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import multiprocessing.error.StartException;
import multiprocessing.testing.Children;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;

/** What a child can have of its own where it is, or may be, a fresh virtual machine. */
abstract class MachineOptionsContract extends OptionsContract {
  MachineOptionsContract(StartMethod method) {
    super(method);
  }

  @Test
  void environmentVariablesAreInheritedSetAndTakenAway() throws Exception {
    ProcessOptions options =
        ProcessOptions.builder()
            .environment("MP_TEST_NEW", "grün = 1")
            .environment("PATH", null)
            .build();
    String home = System.getenv("HOME");
    assertEquals(
        "grün = 1, null, " + home,
        ask(
            options,
            () ->
                new String(environment("MP_TEST_NEW"))
                    + ", "
                    + System.getenv("PATH")
                    + ", "
                    + System.getenv("HOME")));
  }

  @Test
  void theOptionVariablesOfJavaAreNotHandedOn() throws Exception {
    // What they say concerned the parent, is on the child's command line already, and prints noise.
    assertEquals(
        "null null",
        ask(() -> System.getenv("JAVA_TOOL_OPTIONS") + " " + System.getenv("JDK_JAVA_OPTIONS")));
    ProcessOptions options =
        ProcessOptions.builder()
            .environment("JDK_JAVA_OPTIONS", "-Dmp.test=wanted")
            .stderr(Redirect.DISCARD)
            .build();
    assertEquals("wanted", ask(options, () -> System.getProperty("mp.test")));
  }

  @Test
  void theWorkingFolderCanBeAnother() throws Exception {
    ProcessOptions options = ProcessOptions.builder().directory(folder).build();
    String real = folder.toRealPath().toString();
    assertEquals(real, ask(options, () -> Path.of("").toRealPath().toString()));
    String own = Path.of("").toRealPath().toString();
    assertEquals(own, ask(() -> Path.of("").toRealPath().toString()));
  }

  @Test
  @Proves({22, 202})
  void noDescriptorIsInherited() throws Exception {
    Path secret = Files.createFile(folder.resolve("secret"));
    try (FileInputStream file = new FileInputStream(secret.toFile())) {
      assertTrue(file.getFD().valid());
      String list =
          ask(
              () -> {
                try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
                  return all.filter(Files::exists)
                      .map(OptionsContract::target)
                      .collect(Collectors.joining("\n"));
                }
              });
      Set<String> kinds = new TreeSet<>();
      for (String target : list.split("\n", -1)) {
        kinds.add(kind(target));
      }
      kinds.removeAll(List.of("stdio", "jdk", "jar", "socket", "memory", "proc", "output"));
      assertEquals(Set.of(), kinds, list);
      assertEquals(1, list.lines().filter(line -> kind(line).equals("socket")).count(), list);
      assertEquals(1, list.lines().filter(line -> kind(line).equals("memory")).count(), list);
    }
  }

  @Test
  void theHeapIsLimited() throws Exception {
    ProcessOptions options = ProcessOptions.builder().heapLimit(32 << 20).build();
    long most = Long.parseLong(ask(options, () -> "" + Runtime.getRuntime().maxMemory()));
    assertTrue(most <= 32 << 20, "" + most);
    ChildProcess greedy =
        start(
            ProcessOptions.builder().heapLimit(32 << 20).stderr(Redirect.DISCARD).build(),
            () -> System.exit(new byte[64 << 20].length == 0 ? 0 : 2));
    assertEquals(1, Children.exitCode(greedy));
  }

  @Test
  void optionsOfTheUserComeLast() throws Exception {
    ProcessOptions options =
        ProcessOptions.builder()
            .jvmOptions("-XX:+UseParallelGC", "-Duser.timezone=Asia/Tokyo", "-Dmp.quote=\"a b\\\n'")
            .build();
    assertEquals(
        "Asia/Tokyo \"a b\\\n'",
        ask(options, () -> TimeZone.getDefault().getID() + " " + System.getProperty("mp.quote")));
  }

  @Test
  void aWrongOptionEndsTheChildAndIsNamed() throws Exception {
    for (String option : List.of("-XX:NoSuchOption", "-Xmx1", "-Xmx100000g", "--no-such")) {
      File errors = folder.resolve("errors").toFile();
      ProcessOptions options =
          ProcessOptions.builder()
              .jvmOptions(option)
              .stdout(Redirect.to(errors))
              .stderr(Redirect.appendTo(errors))
              .build();
      assertEquals(1, Children.exitCode(start(options, () -> {})), option);
      assertFalse(Files.readString(errors.toPath()).isBlank(), option);
    }
  }

  @Test
  void aMissingFolderIsAnErrorAtTheStart() {
    ProcessOptions options = ProcessOptions.builder().directory(folder.resolve("no")).build();
    StartException thrown = assertThrows(StartException.class, () -> start(options, () -> {}));
    assertTrue(
        String.valueOf(thrown.getMessage()).contains(folder.resolve("no").toString()),
        thrown.getMessage());
  }
}
