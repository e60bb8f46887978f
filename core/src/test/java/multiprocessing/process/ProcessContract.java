package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.Serializable;
import java.lang.ProcessBuilder.Redirect;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import multiprocessing.error.StartException;
import multiprocessing.testing.Children;
import org.junit.jupiter.api.Test;

/** The life of a child, however it is started. */
abstract class ProcessContract extends ChildTests {
  ProcessContract(StartMethod method) {
    super(method);
  }

  // Waiting

  @Test
  void joinWithATimeoutWaitsThatLong() throws Exception {
    ChildProcess child = sleeper();
    long start = System.nanoTime();
    assertFalse(child.join(Duration.ofMillis(100)));
    assertTrue(System.nanoTime() - start >= 100_000_000);
    assertFalse(child.join(Duration.ZERO));
    assertFalse(child.join(Duration.ofSeconds(-1)));
    Children.kill(child);
  }

  @Test
  void joinWithATimeoutTellsTheEnd() throws Exception {
    ChildProcess child = child(() -> {}).start();
    assertTrue(child.join(Duration.ofSeconds(Long.MAX_VALUE)));
    assertTrue(child.join(Duration.ZERO));
    child.join();
    assertEquals(OptionalInt.of(0), child.exitCode());
    child.close();
  }

  @Test
  void joinCanBeInterrupted() throws Exception {
    ChildProcess child = sleeper();
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, child::join);
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> child.join(Duration.ofDays(1)));
    assertTrue(child.isAlive());
    Children.kill(child);
  }

  @Test
  void manyVirtualThreadsCanWait() throws Exception {
    ChildProcess child = sleeper();
    List<Thread> waiters = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      waiters.add(Thread.startVirtualThread(() -> unchecked(child::join)));
    }
    Thread.startVirtualThread(child::kill);
    for (Thread waiter : waiters) {
      waiter.join();
    }
    assertEquals(OptionalInt.of(-SIGKILL), child.exitCode());
    child.close();
  }

  @Test
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

  // States

  @Test
  void aChildIsAliveFromItsStartToItsEnd() throws Exception {
    ChildProcess child = child(ChildTests::sleepLong).build();
    assertFalse(child.isAlive());
    assertEquals(OptionalLong.empty(), child.pid());
    assertEquals(OptionalInt.empty(), child.exitCode());
    assertFalse(ChildProcess.active().contains(child));
    child.start();
    assertTrue(child.isAlive());
    assertTrue(ChildProcess.active().contains(child));
    assertEquals(OptionalInt.empty(), child.exitCode());
    child.kill();
    child.join();
    assertFalse(child.isAlive());
    assertFalse(ChildProcess.active().contains(child));
    child.kill();
    child.close();
  }

  @Test
  void whatNeedsAStartedChildSaysSo() {
    ChildProcess child = child(() -> {}).build();
    assertThrows(IllegalStateException.class, child::join);
    assertThrows(IllegalStateException.class, child::terminate);
    assertThrows(IllegalStateException.class, child::onExit);
    child.close();
  }

  @Test
  void aChildIsStartedOnce() throws Exception {
    ChildProcess child = child(() -> {}).start();
    assertThrows(IllegalStateException.class, child::start);
    child.join();
    assertThrows(IllegalStateException.class, child::start);
    child.close();
  }

  @Test
  void closeIsForTheEnd() throws Exception {
    ChildProcess child = sleeper();
    assertThrows(IllegalStateException.class, child::close);
    child.kill();
    child.join();
    child.close();
    child.close();
    assertThrows(IllegalStateException.class, child::isAlive);
    assertThrows(IllegalStateException.class, child::exitCode);
    assertThrows(IllegalStateException.class, child::join);
    assertThrows(IllegalStateException.class, child::start);
  }

  @Test
  void theTextTellsTheState() throws Exception {
    long self = ProcessHandle.current().pid();
    ChildProcess child = child(ChildTests::sleepLong).name("p").daemon(true).build();
    assertEquals("<Process name='p' parent=" + self + " initial daemon>", child.toString());
    child.start();
    String begin = "<Process name='p' pid=" + child.pid().orElseThrow() + " parent=" + self;
    assertEquals(begin + " started daemon>", child.toString());
    child.terminate();
    child.join();
    assertEquals(begin + " stopped exitcode=-SIGTERM daemon>", child.toString());
    child.close();
    assertEquals("<Process name='p' parent=" + self + " closed daemon>", child.toString());
  }

  @Test
  void theTaskIsLetGoWhenItWasSent() throws Exception {
    Tag tag = new Tag();
    WeakReference<Tag> reference = new WeakReference<>(tag);
    ChildProcess child = child(tagged(tag)).start();
    tag = null;
    Children.await(
        () -> {
          System.gc();
          return reference.get() == null;
        });
    assertEquals(0, Children.exitCode(child));
  }

  private static final class Tag implements Serializable {}

  private static SerializableRunnable tagged(Tag tag) {
    return () -> Objects.requireNonNull(tag);
  }

  // Names and relations

  @Test
  void namesAreNumbered() throws Exception {
    ChildProcess first = child(() -> {}).build();
    ChildProcess second = child(() -> {}).namePrefix("Worker").build();
    ChildProcess third = new Consumer("");
    ChildProcess fourth = new Consumer("") {};
    int number = Integer.parseInt(first.name().substring("Process-".length()));
    assertEquals("Worker-" + (number + 1), second.name());
    assertEquals("Consumer-" + (number + 2), third.name());
    assertEquals("Consumer-" + (number + 3), fourth.name());
    second.setName("other");
    assertEquals("other", second.name());
  }

  @Test
  void aChildKnowsItsNameAndItsParent() throws Exception {
    long self = ProcessHandle.current().pid();
    StartMethod inner = method;
    String number = child(() -> {}).build().name().substring("Process-".length());
    String answer =
        ask(
            () -> {
              ProcessInfo me = ProcessInfo.current();
              ProcessInfo parent = Objects.requireNonNull(ProcessInfo.parent());
              ChildProcess below =
                  ChildProcess.builder().startMethod(inner).target(() -> {}).build();
              return String.join(
                  " ",
                  me.name(),
                  "" + (me.pid().orElseThrow() == ProcessHandle.current().pid()),
                  "" + me.isAlive(),
                  parent.name(),
                  "" + parent.pid().orElseThrow(),
                  "" + parent.isAlive(),
                  below.name());
            });
    String name = "Process-" + (Integer.parseInt(number) + 1);
    assertEquals(name + " true true MainProcess " + self + " true " + name + ":1", answer);
    assertEquals("MainProcess", ProcessInfo.current().name());
    assertNull(ProcessInfo.parent());
  }

  @Test
  void aProcessCannotWaitForItself() {
    assertThrows(IllegalStateException.class, () -> ProcessInfo.current().join());
    assertThrows(
        IllegalStateException.class, () -> ProcessInfo.current().join(Duration.ofMillis(1)));
  }

  @Test
  void theKeyOfTheTreeIsInherited() throws Exception {
    byte[] key = child(() -> {}).build().authKey();
    assertEquals(32, key.length);
    String seen = ask(() -> HexFormat.of().formatHex(ChildProcess.of(() -> {}).authKey()));
    assertArrayEquals(key, HexFormat.of().parseHex(seen));
  }

  @Test
  void onlyItsMakerStartsAChild() throws Exception {
    ChildProcess consumer = new Consumer("x");
    assertEquals(
        "true true unknown",
        ask(
            () -> {
              assertThrows(IllegalStateException.class, consumer::start);
              assertThrows(IllegalStateException.class, consumer::isAlive);
              return "true true " + consumer.toString().replaceAll(".* (\\w+)>", "$1");
            }));
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

  // Daemons

  @Test
  void daemonsHaveNoChildren() throws Exception {
    StartMethod inner = method;
    Path errors = folder.resolve("errors");
    ChildProcess daemon =
        child(() -> ChildProcess.builder().startMethod(inner).target(() -> {}).start())
            .daemon(true)
            .options(ProcessOptions.builder().stderr(Redirect.to(errors.toFile())).build())
            .start();
    assertTrue(daemon.daemon());
    assertEquals(1, Children.exitCode(daemon));
    assertTrue(
        Files.readString(errors)
            .contains(
                "IllegalStateException: daemonic processes are not allowed to have children"));
  }

  @Test
  void aDaemonIsOneFromTheStart() throws Exception {
    ChildProcess child = child(() -> {}).build();
    assertFalse(child.daemon());
    child.setDaemon(true);
    assertTrue(child.daemon());
    child.start();
    assertThrows(IllegalStateException.class, () -> child.setDaemon(false));
    assertEquals(0, Children.exitCode(child));
  }

  // Subclasses

  private static class Consumer extends ChildProcess {
    private final String file;

    Consumer(String file) {
      this.file = file;
    }

    @Override
    protected void run() throws Exception {
      boolean self = ProcessInfo.current() == this;
      Files.writeString(Path.of(file), name() + " " + self + " " + isAlive());
      setName("renamed");
      Files.writeString(Path.of(file + "2"), ProcessInfo.current() + " " + pid().orElseThrow());
    }
  }

  @Test
  void aSubclassIsSentWithItsFields() throws Exception {
    Path file = folder.resolve("consumer");
    Consumer consumer = new Consumer(file.toString());
    consumer.start();
    long pid = consumer.pid().orElseThrow();
    consumer.join();
    assertEquals(OptionalInt.of(0), consumer.exitCode());
    assertEquals(consumer.name() + " true true", Files.readString(file));
    String text = Files.readString(Path.of(file + "2"));
    assertTrue(text.startsWith("<Consumer name='renamed'"), text);
    assertTrue(text.endsWith(" started> " + pid), text);
    consumer.close();
  }

  // What travels

  @Test
  void aBigTaskTravels() throws Exception {
    byte[] big = new byte[20_000_000];
    big[big.length - 1] = 3;
    assertEquals(3, run(() -> System.exit(big[big.length - 1])));
  }

  // Many

  @Test
  void fiftyStartsLeaveNothingBehind() throws Exception {
    Children.run(method, () -> {});
    for (int i = 0; i < 50; i++) {
      assertEquals(0, run(() -> {}));
    }
    Children.await(() -> libraryThreads().equals(List.of("multiprocessing-supervisor")));
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

  @Test
  void aFailureToStartLeavesTheOthersAlone() throws InterruptedException {
    ChildProcess wrong =
        child(() -> {})
            .options(ProcessOptions.builder().directory(Path.of("/nowhere/at/all")).build())
            .build();
    assertThrows(StartException.class, wrong::start);
    assertFalse(wrong.isAlive());
    assertEquals(0, run(() -> {}));
  }
}
