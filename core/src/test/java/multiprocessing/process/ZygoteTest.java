package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import multiprocessing.internal.launch.ForkServer;
import multiprocessing.testing.Children;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a zygote, its spares and its children, whoever of them dies. */
final class ZygoteTest extends ChildTests {
  private static final int BY_SIGKILL = 137;
  private static final int SPARES = 2;

  ZygoteTest() {
    super(StartMethod.FORKSERVER);
  }

  @BeforeEach
  void keepSomeSpares() {
    ForkServers.spares(SPARES);
    ForkServers.start();
  }

  @AfterEach
  void stop() {
    ForkServers.stop();
    ForkServers.spares(1);
  }

  private static List<Long> pids() {
    return ForkServer.get().pids();
  }

  private static void kill(long pid) throws Exception {
    kill("KILL", pid);
  }

  private static void kill(String signal, long pid) throws Exception {
    Root.kill(signal, pid);
    Children.await(() -> new OtherProcess(pid).isOver());
  }

  private long pidOfNext() throws Exception {
    return Long.parseLong(ask(() -> "" + OtherProcess.self().pid()));
  }

  // Deaths

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM", "KILL"})
  @Proves({26, 27})
  void aKilledZygoteIsReplacedAndItsChildrenGoOn(String signal) throws Exception {
    ChildProcess child = sleeper();
    List<Long> old = pids();
    kill(signal, old.getFirst());
    List<Long> spares = new ArrayList<>(old.subList(1, old.size()));
    assertEquals(SPARES, spares.size());
    while (!spares.isEmpty()) { // those that are ready are used
      assertTrue(spares.remove(pidOfNext()));
    }
    long next = pidOfNext();
    List<Long> now = pids();
    assertEquals(1 + SPARES, now.size());
    assertNotEquals(old.getFirst(), now.getFirst());
    assertFalse(old.contains(next));
    assertTrue(child.isAlive());
    Children.kill(child);
  }

  @Test
  void aKilledZygoteIsReplacedAheadOfTimeToo() throws Exception {
    List<Long> old = pids();
    kill(old.getFirst());
    ForkServers.start();
    List<Long> now = pids();
    assertNotEquals(old.getFirst(), now.getFirst());
    assertEquals(old.subList(1, old.size()), now.subList(1, now.size()));
    assertEquals(0, run(() -> {}));
  }

  @Test
  void killedSparesAreSkipped() throws Exception {
    List<Long> old = pids();
    for (long spare : old.subList(1, old.size())) {
      kill(spare);
    }
    assertFalse(old.contains(pidOfNext()));
    assertEquals(old.getFirst(), pids().getFirst());
    assertEquals(1 + SPARES, pids().size());
  }

  @Test
  void withEverythingKilledTheNextStartBeginsAnew() throws Exception {
    for (int i = 0; i < 2; i++) {
      List<Long> old = pids();
      for (long pid : old) {
        kill(pid);
      }
      assertFalse(old.contains(pidOfNext()));
      assertEquals(1 + SPARES, pids().size());
    }
  }

  @Test
  void aStoppedSpareIsAChildLikeAnyOther() throws Exception {
    long spare = pids().get(1);
    Root.kill("STOP", spare);
    ChildProcess child = child(() -> System.exit(3)).start();
    assertEquals(spare, child.pid().orElseThrow());
    Root.kill("CONT", spare);
    assertEquals(3, Children.exitCode(child));
    Root.kill("STOP", pids().get(1));
    ChildProcess next = child(() -> {}).start();
    Children.kill(next);
  }

  @Test
  @Deadline(seconds = 180)
  void killsOfTheZygoteAtAnyMomentLoseNoStart() throws Exception {
    AtomicInteger kills = new AtomicInteger();
    Thread killer = Thread.ofPlatform().daemon().start(() -> killOften(kills));
    try {
      for (int i = 0; i < 50 || kills.get() < 5; i++) {
        int code = i % 100;
        assertEquals(code, run(() -> System.exit(code)), "child " + i);
      }
    } finally {
      killer.interrupt();
      killer.join();
    }
    assertEquals(0, run(() -> {}));
    assertEquals(1 + SPARES, pids().size());
    Children.await(() -> OtherProcess.zygote().pid() != 0);
  }

  private static void killOften(AtomicInteger kills) {
    Random random = new Random(1);
    try {
      while (true) {
        long zygote = OtherProcess.zygote().pid();
        Thread.sleep(random.nextInt(60), random.nextInt(999_999));
        if (zygote != 0
            && ProcessHandle.of(zygote).stream().anyMatch(ProcessHandle::destroyForcibly)) {
          kills.incrementAndGet();
        }
      }
    } catch (InterruptedException e) {
      // that is enough
    }
  }

  // The end of the parent

  /** A root with all there can be of processes below it: of each it leaves the pid. */
  static final class Tree {
    private Tree() {}

    public static void main(String[] arguments) throws Exception {
      String folder = arguments[0];
      StartMethod.choose(StartMethod.FORKSERVER, true);
      ForkServers.spares(3);
      ChildProcess child =
          ChildProcess.of(
              () -> {
                ChildProcess below =
                    ChildProcess.of(
                        () -> {
                          Root.report(folder);
                          sleepLong();
                        });
                below.start();
                reportAll(folder);
                below.join();
              });
      child.start();
      reportAll(folder);
      child.join();
    }

    private static void reportAll(String folder) throws Exception {
      for (long pid : ForkServer.get().pids()) {
        Files.createFile(Path.of(folder, "pid-" + pid));
      }
      Root.report(folder);
    }
  }

  /** The root, its zygote and its three spares; the child, its zygote and its spare; and one. */
  private static final int TREE = 1 + 1 + 3 + 1 + 1 + 1 + 1;

  @Test
  void nothingIsLeftBelowAKilledRoot() throws Exception {
    Root root = Root.start(folder, Tree.class);
    List<Long> pids = root.pids(TREE);
    root.signal("KILL");
    assertEquals(BY_SIGKILL, root.exitCode());
    Root.awaitGone(pids);
  }

  @Test
  void nothingIsLeftBelowARootThatIsKilledWhileAllOthersAreStopped() throws Exception {
    Root root = Root.start(folder, Tree.class);
    List<Long> pids = root.pids(TREE);
    for (long pid : pids) {
      Root.kill("STOP", pid);
    }
    root.signal("KILL");
    assertEquals(BY_SIGKILL, root.exitCode());
    Root.awaitGone(pids);
  }

  @Test
  void nothingIsLeftBelowAKilledChild() throws Exception {
    List<Long> pids = new ArrayList<>();
    ChildProcess child = child(() -> Tree.main(new String[] {folder.toString()})).build();
    child.start();
    Children.await(() -> folder.toFile().list().length == TREE || !child.isAlive());
    try (Stream<Path> files = Files.list(folder)) {
      files.forEach(file -> pids.add(Long.valueOf(file.getFileName().toString().substring(4))));
    }
    Children.kill(child);
    Root.awaitGone(pids);
  }

  /** A root that starts its fork server and leaves. */
  static final class Leaver {
    private Leaver() {}

    public static void main(String[] arguments) throws Exception {
      Root.report(arguments[0]);
      ForkServers.spares(3);
      ForkServers.start();
      switch (arguments[1]) {
        case "exit" -> System.exit(0);
        case "halt" -> Runtime.getRuntime().halt(0);
        default -> {} // the last thread returns
      }
    }
  }

  @Test
  void nothingIsLeftOfARootThatLeavesAtOnce() throws Exception {
    for (String way : List.of("return", "exit", "halt")) {
      Path place = Files.createDirectory(folder.resolve(way));
      Root root = Root.start(place, Leaver.class, way);
      long session = root.pids(1).getFirst(); // it leads one
      assertEquals(0, root.exitCode());
      Children.await(() -> OtherProcess.ofSession(session).isEmpty());
      assertEquals("", root.out() + root.err(), way);
    }
  }

  // Who reaches it

  @Test
  void onlyTheParentReachesTheZygote() throws Exception {
    List<Long> pids = pids();
    OtherProcess zygote = new OtherProcess(pids.getFirst());
    Children.await(() -> zygote.sockets().size() == 1); // it may still have the last spare's
    Set<String> sockets = new TreeSet<>(zygote.sockets());
    for (long spare : pids.subList(1, pids.size())) {
      Children.await(() -> new OtherProcess(spare).sockets().size() == 1); // it closes the zygote's
      Set<String> own = new OtherProcess(spare).sockets();
      assertTrue(sockets.addAll(own), "shares none with the zygote");
    }
    for (int descriptor : ForkServer.get().descriptors()) {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      if (target.startsWith("socket:")) {
        sockets.add(target);
      }
    }
    assertEquals(2 * (1 + SPARES), sockets.size(), "two ends for each of them");
    // Num RefCount Protocol Flags Type St Inode Path, and the path is missing for one without name
    int seen = 0;
    for (String line : Files.readAllLines(Path.of("/proc/net/unix"))) {
      String[] fields = line.strip().split(" +", -1);
      if (sockets.contains("socket:[" + fields[6] + "]")) {
        seen++;
        assertEquals(7, fields.length, line);
        assertEquals("00000000", fields[3], "does not listen: " + line);
      }
    }
    assertEquals(sockets.size(), seen);
  }

  // Growth

  /** Less than four pages for each start; it is about one page for all of them. */
  private static final long MOST_GROWTH_BYTES = 4 << 20;

  /** Less than the smallest useful object for each start. */
  private static final long MOST_HEAP_GROWTH_BYTES = 280 * 100;

  /** What the zygote holds in its heap: a child begins with a copy. */
  private long heapOfZygote() throws Exception {
    return Long.parseLong(
        ask(
            () -> {
              System.gc();
              Runtime heap = Runtime.getRuntime();
              return "" + (heap.totalMemory() - heap.freeMemory());
            }));
  }

  /** Waits until a zygote has prepared itself for children as far as it does that ahead of time. */
  private static void awaitRest(OtherProcess zygote) throws InterruptedException {
    for (long before = -1, now = zygote.processorTicks(); now != before; ) {
      Thread.sleep(300);
      before = now;
      now = zygote.processorTicks();
    }
  }

  @Test
  @Deadline(seconds = 180)
  void threeHundredStartsLeaveNothingBehind() throws Exception {
    OtherProcess self = OtherProcess.self();
    OtherProcess zygote = OtherProcess.zygote();
    awaitRest(zygote);
    for (int i = 0; i < 20; i++) { // the first of them are spares from before that rest
      assertEquals(0, run(() -> {}));
    }
    long heapBefore = heapOfZygote();
    List<String> threadsBefore = self.lastingThreads();
    List<String> descriptorsBefore = self.descriptors();
    List<String> zygoteThreadsBefore = zygote.lastingThreads();
    List<String> zygoteDescriptorsBefore = zygote.descriptors();
    long bytesBefore = zygote.residentBytes();
    for (int i = 0; i < 280; i++) {
      assertEquals(0, run(() -> {}));
    }
    assertEquals(zygote, OtherProcess.zygote());
    Children.await(() -> self.lastingThreads().size() <= threadsBefore.size());
    assertEquals(kinds(descriptorsBefore), kinds(self.descriptors()));
    Children.await(() -> zygote.descriptors().size() <= zygoteDescriptorsBefore.size());
    assertEquals(zygoteDescriptorsBefore, zygote.descriptors());
    assertEquals(zygoteThreadsBefore, zygote.lastingThreads());
    long growth = zygote.residentBytes() - bytesBefore;
    assertTrue(growth < MOST_GROWTH_BYTES, growth + " bytes more");
    long heapGrowth = heapOfZygote() - heapBefore;
    assertTrue(heapGrowth < MOST_HEAP_GROWTH_BYTES, heapGrowth + " bytes more in the heap");
  }

  /** Sockets and pipes have other numbers each time. */
  private static List<String> kinds(List<String> descriptors) {
    return descriptors.stream().map(target -> target.replaceAll("\\[\\d+]", "")).toList();
  }
}
