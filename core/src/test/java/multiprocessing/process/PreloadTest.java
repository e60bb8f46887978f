package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import multiprocessing.sync.ProcessSemaphore;
import multiprocessing.testing.Children;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What children have of classes that the fork server has initialized for them. */
final class PreloadTest extends ChildTests {
  PreloadTest() {
    super(StartMethod.FORKSERVER);
  }

  /** A program whose main class is preloaded. It prints where nobody flushes for it. */
  static final class Program {
    static {
      System.setOut(buffered(FileDescriptor.out));
      System.setErr(buffered(FileDescriptor.err));
      System.out.print("[out]");
      System.err.print("[err]");
    }

    private Program() {}

    private static PrintStream buffered(FileDescriptor file) {
      return new PrintStream(new BufferedOutputStream(new FileOutputStream(file)));
    }

    public static void main(String[] arguments) throws Exception {
      System.out.flush(); // the zygote's comes next
      StartMethod.choose(StartMethod.FORKSERVER, true);
      ForkServers.preload(Program.class.getName());
      for (int i = 0; i < 3; i++) {
        int number = i;
        ChildProcess child = ChildProcess.of(() -> System.out.print("[task " + number + "]"));
        child.start();
        child.join();
      }
      System.out.print("[main " + arguments.length + "]");
      System.out.flush();
      System.err.flush();
    }
  }

  @Test
  @Proves({254, 259})
  void theMainClassIsInitializedOnceAndWhatItPrintsIsWrittenOnce() throws Exception {
    Root root = Root.start(folder, Program.class);
    assertEquals(0, root.exitCode(), root.err());
    assertEquals("[out][out][task 0][task 1][task 2][main 1]", root.out());
    assertEquals("[err][err]", root.err());
  }

  /** A program that hands its arguments on. */
  static final class Messenger {
    private Messenger() {}

    public static void main(String[] arguments) throws Exception {
      StartMethod.choose(StartMethod.FORKSERVER, true);
      ForkServers.preload(Messenger.class.getName());
      ChildProcess child =
          ChildProcess.of(() -> System.out.println(String.join(" ", arguments).hashCode()));
      child.start();
      child.join();
      System.out.println(String.join(" ", arguments).hashCode());
    }
  }

  @Test
  @Proves(261)
  void aLongCommandLineIsInNobodysWay() throws Exception {
    String[] numbers =
        IntStream.range(0, 5_001).mapToObj(i -> "argument-" + i).toArray(String[]::new);
    Root root = Root.start(folder, Messenger.class, numbers);
    assertEquals(0, root.exitCode(), root.err());
    String said = folder + " " + String.join(" ", numbers);
    assertEquals((said.hashCode() + "\n").repeat(2), root.out());
    assertEquals("", root.err());
  }

  /** What there is once for all children of a zygote. */
  private static final class Tools {
    static final ProcessSemaphore TOKEN = new ProcessSemaphore(1);
    static final ProcessSemaphore SIGNAL = new ProcessSemaphore(0);
  }

  @AfterEach
  void useTheDefaults() {
    ForkServers.preload();
  }

  @Test
  @Proves(211)
  void whatAPreloadedClassSharesIsOneForAllChildren() throws Exception {
    ForkServers.preload(Tools.class.getName());
    ProcessSemaphore taken = new ProcessSemaphore(0);
    ChildProcess holder =
        child(
                () -> {
                  Tools.TOKEN.acquire();
                  taken.release();
                  Tools.SIGNAL.acquire();
                })
            .start();
    taken.acquire();
    assertEquals("false", ask(() -> "" + Tools.TOKEN.tryAcquire()));
    assertEquals(0, run(() -> Tools.SIGNAL.release()));
    Children.joinAll(holder);
    assertEquals("true", ask(() -> "" + Tools.TOKEN.tryAcquire()), "it has come back");
  }

  @Test
  void whatAPreloadedClassSharesOutlivesTheZygote() throws Exception {
    ForkServers.preload(Tools.class.getName());
    ProcessSemaphore up = new ProcessSemaphore(0);
    ProcessSemaphore goOn = new ProcessSemaphore(0);
    ChildProcess child =
        child(
                () -> {
                  up.release();
                  goOn.acquire();
                  boolean isSound = Tools.TOKEN.tryAcquire() && !Tools.TOKEN.tryAcquire();
                  System.exit(isSound ? 7 : 8);
                })
            .start();
    up.acquire();
    OtherProcess zygote = OtherProcess.zygote();
    ForkServers.preload(); // the next one has not that class
    Children.await(zygote::isOver);
    assertEquals(0, run(() -> {})); // its end comes after that one's, and was seen
    List<ProcessSemaphore> next = new ArrayList<>(); // would come to lie where the zygote's were
    for (int i = 0; i < 200; i++) {
      next.add(new ProcessSemaphore(2));
    }
    goOn.release();
    assertEquals(7, Children.exitCode(child));
    for (ProcessSemaphore each : next) {
      assertEquals(2, each.availablePermits());
    }
  }
}
