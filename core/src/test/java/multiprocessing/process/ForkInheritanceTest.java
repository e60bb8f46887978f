package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import jdk.jfr.Recording;
import multiprocessing.Multiprocessing;
import multiprocessing.connection.Pipe;
import multiprocessing.error.StartException;
import multiprocessing.internal.os.ProcessControl;
import multiprocessing.memory.SharedValue;
import multiprocessing.queue.ProcessQueue;
import multiprocessing.testing.Children;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;

/** What a fork of this process has of it, and what it has not. */
final class ForkInheritanceTest extends ChildTests {
  private static final List<String> DONE = new ArrayList<>();

  private static int stamp;

  ForkInheritanceTest() {
    super(StartMethod.FORK);
  }

  /** Of no use in a child, were it sent there. */
  private static final class Local {
    private final Thread owner = Thread.currentThread();
    private int[] numbers = {1, 2, 3};
  }

  @Test
  void theTaskIsAnyObjectAndTheHeapIsInherited() throws Exception {
    Local local = new Local();
    local.numbers = new int[] {4, 5, 6};
    stamp = 77;
    assertEquals(
        "77 [4, 5, 6] true",
        ask(
            () ->
                stamp
                    + " "
                    + java.util.Arrays.toString(local.numbers)
                    + " "
                    + (local.owner == Thread.currentThread())));
  }

  /** Forks before it has anything to share, and shares something with the child later. */
  static final class EarlyFork {
    private EarlyFork() {}

    public static void main(String[] arguments) throws Exception {
      Pipe pipe = Pipe.open();
      ChildProcess child =
          ChildProcess.builder()
              .startMethod(StartMethod.FORK)
              .target(() -> arrived(pipe).set(3))
              .start();
      SharedValue.OfInt late = SharedValue.ofInt(0);
      pipe.first().send(late);
      child.join();
      System.out.print(late.get());
    }

    private static SharedValue.OfInt arrived(Pipe pipe) throws Exception {
      return (SharedValue.OfInt) Objects.requireNonNull(pipe.second().recv());
    }
  }

  @Test
  void aForkMadeBeforeAnythingIsSharedIsOneOfTheTree() throws Exception {
    Root root = Root.start(folder, EarlyFork.class);
    assertEquals(0, root.exitCode());
    assertEquals("", root.err());
    assertEquals("3", root.out());
  }

  @Test
  void anyThreadOfAForkForks() throws Exception {
    assertEquals(
        "3",
        ask(
            () -> {
              List<CompletableFuture<String>> answers = new ArrayList<>();
              for (int i = 0; i < 2; i++) {
                CompletableFuture<String> answer = new CompletableFuture<>();
                Thread.ofPlatform().start(() -> answer.complete(askForOne()));
                answers.add(answer);
              }
              int sum = Integer.parseInt(askForOne());
              for (CompletableFuture<String> answer : answers) {
                sum += Integer.parseInt(answer.join());
              }
              return "" + sum;
            }));
  }

  private String askForOne() {
    try {
      return ask(() -> "1");
    } catch (Exception e) {
      return e.toString();
    }
  }

  @Test
  void whatTheChildWritesIsItsOwn() throws Exception {
    stamp = 1;
    assertEquals("2", ask(() -> "" + ++stamp));
    assertEquals(1, stamp);
  }

  @Test
  void aThreadThatIsBeingStartedDoesNotRunInTheChild() throws Exception {
    SharedValue.OfLong strays = SharedValue.ofLong(0);
    AtomicBoolean goesOn = new AtomicBoolean(true);
    long parent = ProcessControl.pid();
    Runnable look =
        () -> {
          for (int i = 0; i < 100; i++) {
            LockSupport.parkNanos(50_000);
            if (ProcessControl.pid() != parent) {
              strays.getAndAdd(1);
            }
          }
        };
    List<Thread> starters = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Thread starter =
          new Thread(
              () -> {
                while (goesOn.get()) {
                  new Thread(look).start();
                  LockSupport.parkNanos(200_000);
                }
              });
      starter.start();
      starters.add(starter);
    }
    try {
      for (int i = 0; i < 40; i++) {
        assertEquals(0, run(() -> Thread.sleep(30)));
      }
    } finally {
      goesOn.set(false);
      for (Thread starter : starters) {
        starter.join();
      }
    }
    assertEquals(0, strays.get());
  }

  @Test
  void otherThreadsDoNotRunInTheChild() throws Exception {
    AtomicLong count = new AtomicLong();
    Thread counter =
        new Thread(
            () -> {
              while (!Thread.currentThread().isInterrupted()) {
                count.incrementAndGet();
              }
            });
    counter.start();
    try {
      String moved =
          ask(
              () -> {
                long before = count.get();
                Thread.sleep(100);
                return "" + (count.get() - before);
              });
      assertEquals("0", moved);
      long before = count.get();
      Children.await(() -> count.get() > before); // here it goes on
    } finally {
      counter.interrupt();
      counter.join();
    }
  }

  @Test
  void aReaderOfTheParentLosesNothingToTheChild() throws Exception {
    Process writer =
        new ProcessBuilder("sh", "-c", "i=0; while [ $i -lt 3000 ]; do echo $i; i=$((i+1)); done")
            .start();
    try (InputStream lines = writer.getInputStream()) {
      List<String> read = new ArrayList<>();
      Thread reader =
          new Thread(
              () ->
                  new java.util.Scanner(lines, StandardCharsets.UTF_8).forEachRemaining(read::add),
              "reader");
      reader.start();
      for (int i = 0; i < 5; i++) {
        assertEquals(0, run(() -> Thread.sleep(5)));
      }
      reader.join();
      assertEquals(3000, read.size());
      assertEquals("2999", read.getLast());
    }
    assertEquals(0, writer.waitFor());
  }

  @Test
  void aFileIsReadInBothFromWhereItStood() throws Exception {
    Path file = Files.writeString(folder.resolve("letters"), "abcdefgh");
    try (InputStream letters = Files.newInputStream(file)) {
      assertEquals('a', letters.read());
      assertEquals("bcd", ask(() -> new String(letters.readNBytes(3), StandardCharsets.UTF_8)));
      assertEquals("bcd", new String(letters.readNBytes(3), StandardCharsets.UTF_8));
    }
  }

  @Test
  void handlersRunAroundTheFork() throws Exception {
    DONE.clear();
    Multiprocessing.onFork(
        () -> DONE.add("before 1"), () -> DONE.add("parent 1"), () -> DONE.add("child 1"));
    Multiprocessing.onFork(
        () -> DONE.add("before 2"), () -> DONE.add("parent 2"), () -> DONE.add("child 2"));
    assertEquals("[before 2, before 1, child 1, child 2]", ask(DONE::toString));
    assertEquals(List.of("before 2", "before 1", "parent 1", "parent 2"), DONE);
    DONE.clear();
  }

  /** Forks below each other. */
  private static void goDown(int generations, SerializableRunnable last) throws Exception {
    if (generations == 0) {
      last.run();
      return;
    }
    ChildProcess below =
        ChildProcess.builder()
            .startMethod(StartMethod.FORK)
            .target(() -> goDown(generations - 1, last))
            .start();
    below.join();
    assertEquals(0, below.exitCode().orElseThrow());
  }

  @Test
  @Proves(201)
  void handlersDoNotMultiplyFromGenerationToGeneration() throws Exception {
    AtomicLong generations = new AtomicLong();
    Multiprocessing.onFork(() -> {}, () -> {}, generations::incrementAndGet);
    String file = folder.resolve("generations").toString();
    goDown(5, () -> Files.writeString(Path.of(file), "" + generations));
    assertEquals("5", Files.readString(Path.of(file)));
    assertEquals(0, generations.get());
  }

  @Test
  @Proves(258)
  void aThreadThatWasNotStartedCanBeStartedInTheChild() throws Exception {
    AtomicLong runs = new AtomicLong();
    Thread platform = new Thread(runs::incrementAndGet);
    Thread virtual = Thread.ofVirtual().unstarted(runs::incrementAndGet);
    String answer =
        ask(
            () -> {
              platform.start();
              virtual.start();
              platform.join();
              virtual.join();
              return "" + runs;
            });
    assertEquals("2", answer);
    assertEquals(0, runs.get());
    assertEquals(Thread.State.NEW, platform.getState());
  }

  /** A program that has printed something that is not written yet when it forks. */
  static final class Printer {
    private Printer() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws Exception {
      System.setOut(
          new PrintStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out))));
      System.out.print("before ");
      goDown(2, () -> System.out.print("below "));
      System.out.print("after");
      System.out.flush();
    }
  }

  @Test
  @Proves(188)
  void whatWasPrintedBeforeTheForkIsWrittenOnce() throws Exception {
    Root root = Root.start(folder, Printer.class);
    assertEquals(0, root.exitCode(), root.err());
    assertEquals("before below after", root.out());
    assertEquals("", root.err());
  }

  @Test
  void sharedObjectsMadeBeforeTheForkAreShared() throws Exception {
    ProcessQueue<String> queue = Multiprocessing.queue();
    ChildProcess child = child(() -> queue.put("from the child")).start();
    assertEquals("from the child", queue.take());
    assertEquals(0, Children.exitCode(child));
    queue.close();
  }

  @Test
  void theParentMayLetGoOfASharedObjectAtOnce() throws Exception {
    String file = folder.resolve("got").toString();
    ProcessQueue<String> queue = Multiprocessing.queue();
    queue.put("left behind");
    ChildProcess child = child(() -> Files.writeString(Path.of(file), queue.take())).start();
    queue.close();
    assertEquals(0, Children.exitCode(child));
    assertEquals("left behind", Files.readString(Path.of(file)));
  }

  @Test
  void aForkOfAForkWorks() throws Exception {
    stamp = 5;
    assertEquals(
        "16",
        ask(
            () -> {
              stamp += 3;
              ChildProcess below =
                  ChildProcess.builder()
                      .startMethod(StartMethod.FORK)
                      .target(() -> System.exit(stamp * 2))
                      .start();
              below.join();
              return "" + below.exitCode().orElseThrow();
            }));
  }

  @Test
  void whatFollowsAnExitRunsInAForkToo() throws Exception {
    CompletableFuture.runAsync(() -> {}).get(); // now the common pool has a thread, a fork has not
    assertEquals(
        "18",
        ask(
            () ->
                ""
                    + ChildProcess.builder()
                        .startMethod(StartMethod.FORK)
                        .target(() -> System.exit(9))
                        .start()
                        .onExit()
                        .thenApply(code -> 2 * code)
                        .get()));
  }

  @Test
  void aVirtualThreadMayFork() throws Exception {
    int[] code = new int[1];
    Thread thread =
        Thread.startVirtualThread(
            () -> {
              try {
                code[0] = run(() -> System.exit(9));
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    thread.join();
    assertEquals(9, code[0]);
  }

  @Test
  void optionsOfAnotherMachineAreRefused() {
    ProcessOptions options = ProcessOptions.builder().heapLimit(64 << 20).build();
    ChildProcess child = child(() -> {}).options(options).build();
    StartException thrown = assertThrows(StartException.class, child::start);
    assertTrue(String.valueOf(thrown.getMessage()).contains("SPAWN"), thrown.getMessage());
    child.close();
  }

  @Test
  void whileTheFlightRecorderRecordsAForkIsRefused() throws Exception {
    try (Recording recording = new Recording()) {
      recording.start();
      ChildProcess child = child(() -> {}).build();
      StartException thrown = assertThrows(StartException.class, child::start);
      assertTrue(String.valueOf(thrown.getMessage()).contains("JFR"), thrown.getMessage());
      child.close();
    }
    assertEquals(0, run(() -> {}));
  }

  @Test
  void itsChildrenAreNotThoseOfTheParent() throws Exception {
    ChildProcess sibling = sleeper();
    assertEquals("0", ask(() -> "" + Multiprocessing.activeChildren().size()));
    sibling.kill();
    assertEquals(-SIGKILL, Children.exitCode(sibling));
  }
}
