package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import multiprocessing.connection.Wait;
import multiprocessing.queue.ProcessQueue;
import multiprocessing.testing.Children;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;

/** The life of a child that is a process of the system, however it is started. */
abstract class RealProcessContract extends ProcessContract {
  RealProcessContract(StartMethod method) {
    super(method);
  }

  @Test
  @Proves({3, 10})
  void theChildIsAProcessOfTheSystem() throws Exception {
    ChildProcess child =
        child(
                () -> {
                  long pid = ProcessInfo.current().pid().orElseThrow();
                  System.exit(pid == ProcessHandle.current().pid() ? 3 : 4);
                })
            .start();
    assertTrue(child.pid().orElseThrow() != ProcessHandle.current().pid());
    assertEquals(3, Children.exitCode(child));
  }

  @Test
  @Proves(9)
  void onExitCompletesWithTheCode() throws Exception {
    ChildProcess child = child(() -> System.exit(5)).start();
    boolean _ = child.onExit().cancel(true); // a future of the caller's own
    assertEquals(5, child.onExit().get());
    assertEquals(5, child.onExit().get());
    child.close();
  }

  @Test
  void whatFollowsAnExitMayStartAnotherChild() throws Exception {
    CompletableFuture<Integer> second =
        child(() -> System.exit(1))
            .start()
            .onExit()
            .thenCompose(code -> child(() -> System.exit(2)).start().onExit());
    assertEquals(2, second.get());
  }

  @Test
  void grandchildrenRun() throws Exception {
    StartMethod inner = method;
    assertEquals(
        7,
        run(
            () -> {
              ChildProcess below =
                  ChildProcess.builder().startMethod(inner).target(() -> System.exit(7)).start();
              below.join();
              System.exit(below.exitCode().orElseThrow());
            }));
  }

  @Test
  @Proves(8)
  void aGrandchildSeesItsParentAliveAndEndsWithIt() throws Exception {
    StartMethod inner = method;
    ProcessQueue<Long> seen = new ProcessQueue<>();
    ChildProcess middle =
        child(
                () -> {
                  ChildProcess below =
                      ChildProcess.builder()
                          .startMethod(inner)
                          .target(
                              () -> {
                                ProcessInfo parent = Objects.requireNonNull(ProcessInfo.parent());
                                boolean alive =
                                    parent.isAlive()
                                        && !parent.join(Duration.ofMillis(1))
                                        && !parent.sentinel().isReady();
                                seen.put(alive ? ProcessHandle.current().pid() : -1);
                                Wait.any(List.of(parent));
                              })
                          .start();
                  below.join();
                })
            .start();
    long grandchild = seen.take();
    assertTrue(grandchild > 0, "its parent is dead to it");
    middle.terminate();
    assertEquals(-SIGTERM, Children.exitCode(middle));
    Root.awaitGone(List.of(grandchild));
    seen.close();
  }

  @Test
  @Proves(5)
  void aBigTaskTravels() throws Exception {
    byte[] big = new byte[20_000_000];
    big[big.length - 1] = 3;
    assertEquals(3, run(() -> System.exit(big[big.length - 1])));
  }

  @Test
  void fiftyStartsLeaveNothingBehind() throws Exception {
    Children.run(method, () -> {});
    for (int i = 0; i < 50; i++) {
      assertEquals(0, run(() -> {}));
    }
    // The second one is there once a virtual thread has waited for a socket.
    List<String> kept = List.of("multiprocessing-supervisor", "multiprocessing-poller");
    Children.await(
        () -> {
          List<String> left = libraryThreads();
          return kept.containsAll(left) && left.size() == left.stream().distinct().count();
        });
    assertEquals(List.of(), ChildProcess.active());
  }

  private static List<String> libraryThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("multiprocessing"))
        .sorted()
        .toList();
  }

  @Test
  @Proves(20)
  void manyAtOnceEndAsTheyShould() throws Exception {
    List<ChildProcess> children = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      int code = i;
      children.add(child(() -> System.exit(code)).start());
      children.add(child(ChildTests::sleepLong).start());
      children.getLast().terminate();
    }
    for (int i = 0; i < 10; i++) {
      assertEquals(i, Children.exitCode(children.get(2 * i)));
      assertEquals(-SIGTERM, Children.exitCode(children.get(2 * i + 1)));
    }
  }

  @Test
  void threadsStartChildrenSideBySide() throws Exception {
    List<Integer> codes = Collections.synchronizedList(new ArrayList<>());
    List<Thread> starters = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      starters.add(
          Thread.ofPlatform().start(() -> unchecked(() -> codes.add(run(() -> System.exit(4))))));
    }
    for (Thread starter : starters) {
      starter.join();
    }
    assertEquals(Collections.nCopies(8, 4), codes);
  }
}
