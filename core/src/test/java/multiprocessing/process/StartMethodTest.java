package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import multiprocessing.Multiprocessing;
import multiprocessing.error.StartException;
import multiprocessing.queue.ProcessQueue;
import multiprocessing.testing.Children;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How the start method is chosen, and what a child has of the choice. */
@ProcessTest
final class StartMethodTest {
  @Test
  @Proves(210)
  void theMethodsThatWorkAreListedTheDefaultFirst() {
    List<StartMethod> methods = Multiprocessing.startMethods();
    assertEquals(StartMethod.FORKSERVER, methods.getFirst());
    assertTrue(methods.contains(StartMethod.SPAWN));
  }

  @ParameterizedTest
  @EnumSource
  @Proves({205, 206})
  void aContextStartsByItsMethodAndChoosesNothing(StartMethod method) throws Exception {
    StartMethod before = StartMethod.current();
    ProcessQueue<String> said = new ProcessQueue<>();
    var context = Multiprocessing.context(method);
    assertEquals(method, context.startMethod());
    ChildProcess child =
        ChildProcess.builder()
            .context(context)
            .target(() -> said.put(StartMethod.current().name()))
            .start();
    assertEquals(0, Children.exitCode(child));
    assertEquals(before.name(), said.take());
    assertEquals(before, StartMethod.current());
  }

  @ParameterizedTest
  @EnumSource
  @Proves({205, 209})
  void aChoiceIsInheritedByChildren(StartMethod method) throws Exception {
    StartMethod before = StartMethod.current();
    ProcessQueue<String> said = new ProcessQueue<>();
    try {
      assertThrows(IllegalStateException.class, () -> Multiprocessing.setStartMethod(method));
      Multiprocessing.setStartMethod(method, true);
      assertEquals(method, Multiprocessing.context().startMethod());
      ChildProcess child =
          ChildProcess.of(
              () -> {
                said.put(Multiprocessing.startMethod().name());
                Children.run(
                    Multiprocessing.startMethod(), () -> said.put(StartMethod.current().name()));
              });
      child.start();
      assertEquals(0, Children.exitCode(child));
    } finally {
      Multiprocessing.setStartMethod(before, true);
    }
    assertEquals(method.name(), said.take());
    assertEquals(method.name(), said.take());
  }

  @ParameterizedTest
  @EnumSource
  @Proves({212, 213})
  void aQueueGoesOnToChildrenByAnyMethod(StartMethod outer) throws Exception {
    ProcessQueue<String> queue = new ProcessQueue<>();
    Children.run(
        outer,
        () -> {
          for (StartMethod inner : StartMethod.values()) {
            Children.run(inner, () -> queue.put(inner.name()));
          }
        });
    for (StartMethod inner : StartMethod.values()) {
      assertEquals(inner.name(), queue.take());
    }
  }

  @Test
  @Proves(4)
  void theProgramOfFreshVirtualMachinesIsChosen() throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    try {
      Multiprocessing.setExecutable(java);
      Children.run(StartMethod.SPAWN, () -> {});
      IllegalArgumentException thrown =
          assertThrows(
              IllegalArgumentException.class,
              () -> Multiprocessing.setExecutable(Path.of("/no/java")));
      assertTrue(String.valueOf(thrown.getMessage()).toLowerCase(Locale.ROOT).contains("/no/java"));
    } finally {
      Multiprocessing.setExecutable(null);
    }
    Children.run(StartMethod.SPAWN, () -> {});
  }

  @Test
  @Proves(256)
  void aHomeWithoutAProgramIsNamedAndAnotherOneMayBeChosen() throws Exception {
    String home = System.getProperty("java.home");
    ChildProcess child = ChildProcess.builder().startMethod(StartMethod.SPAWN).build();
    try {
      System.setProperty("java.home", "/no/home");
      StartException thrown = assertThrows(StartException.class, child::start);
      assertTrue(
          String.valueOf(thrown.getMessage()).contains("/no/home/bin/java"), thrown.getMessage());
      Multiprocessing.setExecutable(Path.of(home, "bin", "java"));
      Children.run(StartMethod.SPAWN, () -> {});
    } finally {
      System.setProperty("java.home", home);
      Multiprocessing.setExecutable(null);
    }
  }

  @Test
  @Proves(15)
  void processorsAreCounted() {
    assertTrue(Multiprocessing.cpuCount() >= 1);
  }
}
