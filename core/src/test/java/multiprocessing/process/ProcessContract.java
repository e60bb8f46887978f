package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.Serializable;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;
import multiprocessing.connection.Sentinel;
import multiprocessing.connection.Wait;
import multiprocessing.error.StartException;
import multiprocessing.queue.ProcessQueue;
import multiprocessing.testing.Children;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;

/** The life of a child, however it is started, also as a thread. */
abstract class ProcessContract extends ChildTests {
  ProcessContract(StartMethod method) {
    super(method);
  }

  // Waiting

  @Test
  @Proves(11)
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

  // States

  @Test
  @Proves({9, 16})
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
  @Proves(19)
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
  @Proves(21)
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
  @Proves({3, 7})
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
                  "" + (me.pid().orElseThrow() != parent.pid().orElseThrow()),
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
  @Proves(3)
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

  // Daemons

  @Test
  @Proves(6)
  void daemonsHaveNoChildren() throws Exception {
    StartMethod inner = method;
    ChildProcess.Builder daemon =
        child(() -> ChildProcess.builder().startMethod(inner).target(() -> {}).start())
            .daemon(true);
    assertTrue(daemon.build().daemon());
    String errors = errorsOf(daemon, 1);
    assertTrue(
        errors.contains(
            "IllegalStateException: daemonic processes are not allowed to have children"),
        errors);
  }

  @Test
  @Proves(6)
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
  @Proves(30)
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

  // Many

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

  @Test
  void grandchildrenKnowWhereTheyStand() throws Exception {
    StartMethod inner = method;
    String answer = folder.resolve("grandchild").toString();
    String above =
        ask(
            () -> {
              ChildProcess below =
                  ChildProcess.builder()
                      .startMethod(inner)
                      .target(
                          () -> {
                            ProcessInfo parent = Objects.requireNonNull(ProcessInfo.parent());
                            Files.writeString(
                                Path.of(answer),
                                ProcessInfo.current().name() + " " + parent.name());
                          })
                      .start();
              List<ChildProcess> active = ChildProcess.active();
              boolean known = active.isEmpty() || active.equals(List.of(below));
              below.join();
              return known + " " + ProcessInfo.current().name() + " " + below.exitCode();
            });
    String[] words = above.split(" ", -1);
    assertEquals("true", words[0]);
    assertEquals("OptionalInt[0]", words[2]);
    assertEquals(words[1] + ":1 " + words[1], Files.readString(Path.of(answer)));
  }

  @Test
  @Proves(20)
  void manyEndAsTheyShould() throws Exception {
    List<ChildProcess> children = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      children.add(child(() -> {}).start());
      children.add(child(ChildTests::sleepLong).start());
      children.getLast().terminate();
    }
    for (int i = 0; i < 10; i++) {
      assertEquals(0, Children.exitCode(children.get(2 * i)));
      assertEquals(-SIGTERM, Children.exitCode(children.get(2 * i + 1)));
    }
    assertEquals(List.of(), ChildProcess.active());
  }

  @Test
  @Proves(9)
  void aChildMayHaveAnotherKey() throws Exception {
    byte[] key = {1, 2, 3};
    Path file = folder.resolve("key");
    String path = file.toString();
    ChildProcess child =
        child(
                () ->
                    Files.writeString(
                        Path.of(path), HexFormat.of().formatHex(ProcessInfo.current().authKey())))
            .build();
    assertThrows(IllegalArgumentException.class, () -> child.setAuthKey(new byte[0]));
    child.setAuthKey(key);
    assertArrayEquals(key, child.authKey());
    child.start();
    assertThrows(IllegalStateException.class, () -> child.setAuthKey(key));
    assertEquals(0, Children.exitCode(child));
    assertEquals("010203", Files.readString(file));
    assertEquals(32, ProcessInfo.current().authKey().length);
  }

  private record Step(ProcessQueue<String> said, StartMethod method) implements Serializable {
    void take(String path) throws InterruptedException {
      said.put(path);
      if (path.length() < 3) {
        for (int i = 0; i < 2; i++) {
          String below = path + i;
          Children.run(method, () -> take(below));
        }
      }
    }
  }

  @Test
  @Proves(17)
  void childrenOfChildrenSpeakInTheOrderOfTheirLives() throws Exception {
    ProcessQueue<String> said = new ProcessQueue<>();
    Step step = new Step(said, method);
    assertEquals(0, run(() -> step.take("0")));
    List<String> all = new ArrayList<>();
    boolean _ = said.drainTo(all) > 0;
    assertEquals(List.of("0", "00", "000", "001", "01", "010", "011"), all);
  }

  @Test
  @Proves(186)
  void aChildHasItsOwnQueueAndChild() throws Exception {
    StartMethod inner = method;
    assertEquals(
        "from below",
        ask(
            () -> {
              ProcessQueue<String> queue = new ProcessQueue<>();
              Children.run(inner, () -> queue.put("from below"));
              return queue.take();
            }));
  }

  @Test
  @Proves({18, 194})
  void theSentinelIsReadyAtTheEnd() throws Exception {
    ChildProcess unstarted = child(() -> {}).build();
    assertThrows(IllegalStateException.class, unstarted::sentinel);
    ChildProcess sleeper = sleeper();
    ChildProcess other = sleeper();
    Sentinel sentinel = sleeper.sentinel();
    assertSame(sentinel, sleeper.sentinel());
    assertFalse(sentinel.isReady());
    List<Object> both = List.of(sleeper, other.sentinel());
    assertEquals(List.of(), Wait.any(both, Duration.ofMillis(20)));
    sleeper.kill();
    assertEquals(List.of(sleeper), Wait.any(both));
    assertTrue(sentinel.isReady());
    assertEquals(-SIGKILL, Children.exitCode(sleeper));
    assertTrue(sentinel.isReady());
    assertThrows(IllegalStateException.class, sleeper::sentinel);
    Children.kill(other);
  }
}
