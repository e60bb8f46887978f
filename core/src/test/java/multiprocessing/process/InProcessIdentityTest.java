package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import multiprocessing.connection.Pipe;
import multiprocessing.connection.Wait;
import multiprocessing.queue.ProcessQueue;
import multiprocessing.sync.ProcessLock;
import multiprocessing.testing.Children;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who is who where several processes are threads of one virtual machine. */
@SuppressWarnings("LockNotBeforeTry") // a child that is killed while it waits for a lock
final class InProcessIdentityTest extends ChildTests {
  InProcessIdentityTest() {
    super(StartMethod.IN_PROCESS);
  }

  @Test
  void nothingIsCopied() throws Exception {
    List<Object> seen = Collections.synchronizedList(new ArrayList<>());
    Thread notSerializable = Thread.currentThread();
    assertEquals(0, run(() -> seen.add(notSerializable)));
    assertSame(notSerializable, seen.getFirst());
  }

  @Test
  void everyThreadOfAChildIsTheChild() throws Exception {
    List<String> names = Collections.synchronizedList(new ArrayList<>());
    ChildProcess child =
        child(
                () -> {
                  Runnable look = () -> names.add(ProcessInfo.current().name());
                  look.run();
                  Thread.ofPlatform().start(look).join();
                  Thread.ofVirtual().start(look).join();
                })
            .name("me")
            .start();
    assertEquals(0, Children.exitCode(child));
    assertEquals(List.of("me", "me", "me"), names);
    assertEquals("MainProcess", ProcessInfo.current().name());
  }

  @Test
  void thePidIsTheNumberOfItsThreadAndItsAlone() throws Exception {
    List<Long> pids = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch both = new CountDownLatch(2);
    SerializableRunnable task =
        () -> {
          Path self = Files.readSymbolicLink(Path.of("/proc/thread-self"));
          pids.add(Long.valueOf(self.getFileName().toString()));
          pids.add(ProcessInfo.current().pid().orElseThrow());
          both.countDown();
          both.await();
        };
    ChildProcess one = child(task).start();
    ChildProcess other = child(task).start();
    List<Long> known = List.of(one.pid().orElseThrow(), other.pid().orElseThrow());
    assertEquals(0, Children.exitCode(one));
    assertEquals(0, Children.exitCode(other));
    assertTrue(pids.containsAll(known) && known.containsAll(pids), pids + " " + known);
    assertNotSame(known.get(0), known.get(1));
    assertFalse(known.contains(ProcessHandle.current().pid()));
  }

  @Test
  void eachChoosesItsStartMethodForItself() throws Exception {
    List<StartMethod> seen = Collections.synchronizedList(new ArrayList<>());
    assertEquals(
        0,
        run(
            () -> {
              StartMethod.choose(StartMethod.IN_PROCESS, true);
              ChildProcess below = ChildProcess.of(() -> seen.add(StartMethod.current()));
              below.start();
              below.join();
            }));
    assertEquals(List.of(StartMethod.IN_PROCESS), seen);
    assertEquals(StartMethod.supported().getFirst(), StartMethod.current());
    assertFalse(StartMethod.supported().contains(StartMethod.IN_PROCESS));
  }

  @Test
  @Proves(8)
  void aChildSeesTheEndOfItsParent() throws Exception {
    CompletableFuture<Boolean> aliveThen = new CompletableFuture<>();
    CompletableFuture<Boolean> ended = new CompletableFuture<>();
    AtomicReference<Thread> orphan = new AtomicReference<>();
    ChildProcess middle =
        child(
                () -> {
                  CountDownLatch seen = new CountDownLatch(1);
                  ChildProcess below =
                      child(
                              () -> {
                                ProcessInfo parent = ProcessInfo.parent();
                                assertNotNull(parent);
                                aliveThen.complete(
                                    parent.isAlive() && !parent.join(Duration.ofMillis(1)));
                                Thread watcher =
                                    new Thread(
                                        () ->
                                            unchecked(
                                                () -> {
                                                  parent.join();
                                                  ended.complete(!parent.isAlive());
                                                }));
                                watcher.setDaemon(true); // so that it outlives its process
                                watcher.start();
                                orphan.set(watcher);
                                seen.countDown();
                              })
                          .start();
                  seen.await();
                  below.join();
                })
            .start();
    assertEquals(0, Children.exitCode(middle));
    assertTrue(aliveThen.get());
    assertTrue(ended.get());
    orphan.get().join();
  }

  @Test
  @Proves(8)
  void theSentinelOfAParentIsWaitedForBesideConnections() throws Exception {
    CompletableFuture<List<Object>> before = new CompletableFuture<>();
    CompletableFuture<List<Object>> after = new CompletableFuture<>();
    try (Pipe pipe = Pipe.open()) {
      ChildProcess middle =
          child(
                  () -> {
                    CountDownLatch seen = new CountDownLatch(1);
                    child(
                            () -> {
                              ProcessInfo parent = Objects.requireNonNull(ProcessInfo.parent());
                              assertSame(parent.sentinel(), parent.sentinel());
                              assertSame(parent, ProcessInfo.parent());
                              List<Object> all = List.of(pipe.first(), parent, parent.sentinel());
                              before.complete(Wait.any(all, Duration.ofMillis(1)));
                              Thread.ofPlatform()
                                  .daemon() // so that it outlives its process
                                  .start(() -> unchecked(() -> after.complete(Wait.any(all))));
                              seen.countDown();
                            })
                        .start();
                    seen.await();
                  })
              .start();
      assertEquals(0, Children.exitCode(middle));
      assertEquals(List.of(), before.get());
      assertEquals(2, after.get().size());
      assertTrue(after.get().getFirst() instanceof ParentProcess);
    }
  }

  @Test
  void aThreadThatHeedsNothingGoesOn() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    ChildProcess stubborn =
        child(
                () -> {
                  while (release.getCount() > 0) {
                    try {
                      release.await();
                    } catch (InterruptedException e) {
                      interrupted.countDown();
                    }
                  }
                })
            .start();
    stubborn.kill();
    interrupted.await();
    assertFalse(stubborn.join(Duration.ofMillis(50)));
    assertTrue(stubborn.isAlive());
    release.countDown();
    assertEquals(-SIGKILL, Children.exitCode(stubborn));
  }

  @Test
  void anInterruptThatIsHandledIsNoEnd() throws Exception {
    CountDownLatch up = new CountDownLatch(1);
    ChildProcess child =
        child(
                () -> {
                  up.countDown();
                  try {
                    sleepLong();
                  } catch (InterruptedException e) {
                    // enough of it
                  }
                })
            .start();
    up.await();
    child.interrupt();
    assertEquals(0, Children.exitCode(child));
  }

  @Test
  void aKilledChildLeavesTheWaitsOfTheLibrary() throws Exception {
    ProcessQueue<Integer> empty = new ProcessQueue<>();
    ProcessLock held = new ProcessLock();
    held.lock();
    CountDownLatch up = new CountDownLatch(2);
    ChildProcess taker =
        child(
                () -> {
                  up.countDown();
                  while (true) {
                    try {
                      empty.take();
                    } catch (InterruptedException e) {
                      // as a worker of a pool does
                    }
                  }
                })
            .start();
    ChildProcess locker =
        child(
                () -> {
                  up.countDown();
                  held.lock();
                })
            .start();
    up.await();
    Children.kill(taker);
    locker.terminate();
    assertEquals(-SIGTERM, Children.exitCode(locker));
    held.unlock();
  }

  private static long pidOf(ChildProcess child) {
    return Long.parseLong(child.toString().replaceAll(".* pid=(\\d+) .*", "$1"));
  }

  @Test
  void childrenEndWithOneThatIsKilled() throws Exception {
    AtomicReference<ChildProcess> inner = new AtomicReference<>();
    CountDownLatch up = new CountDownLatch(1);
    ChildProcess child =
        child(
                () -> {
                  inner.set(child(ChildTests::sleepLong).start());
                  up.countDown();
                  sleepLong();
                })
            .start();
    up.await();
    Children.kill(child);
    long pid = pidOf(inner.get());
    Children.await(() -> !Files.exists(Path.of("/proc/" + pid)));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "IN_PROCESS")
  void aThreadMayHaveProcessesForChildren(StartMethod inner) throws Exception {
    String answer = folder.resolve("names").toString();
    List<OptionalInt> codes = Collections.synchronizedList(new ArrayList<>());
    ProcessQueue<String> said = new ProcessQueue<>();
    ProcessLock lock = new ProcessLock();
    ChildProcess child =
        child(
                () -> {
                  lock.lock();
                  ChildProcess below =
                      ChildProcess.builder()
                          .startMethod(inner)
                          .target(
                              () -> {
                                ProcessInfo parent = ProcessInfo.parent();
                                assertNotNull(parent);
                                said.put(lock.isLocked() + " " + lock.isHeldByThisProcess());
                                Files.writeString(
                                    Path.of(answer),
                                    ProcessInfo.current().name()
                                        + " "
                                        + parent.name()
                                        + " "
                                        + parent.isAlive());
                              })
                          .start();
                  below.join();
                  lock.unlock();
                  codes.add(below.exitCode());
                })
            .name("thread")
            .start();
    assertEquals(0, Children.exitCode(child));
    assertEquals(List.of(OptionalInt.of(0)), codes);
    String number = Files.readString(Path.of(answer)).split(":", -1)[1];
    assertEquals("1 thread true", number);
    assertEquals("true false", said.take());
  }

  @ParameterizedTest
  @EnumSource(names = {"SPAWN", "IN_PROCESS"})
  void itsDaemonsEndWithItAndItsOtherChildrenAreAwaited(StartMethod inner) throws Exception {
    String file = folder.resolve("late").toString();
    AtomicReference<ChildProcess> daemon = new AtomicReference<>();
    assertEquals(
        0,
        run(
            () -> {
              daemon.set(
                  ChildProcess.builder()
                      .startMethod(inner)
                      .daemon(true)
                      .target(ChildTests::sleepLong)
                      .start());
              ChildProcess.builder()
                  .startMethod(inner)
                  .target(
                      () -> {
                        Thread.sleep(100);
                        Files.writeString(Path.of(file), "late");
                      })
                  .start();
            }));
    assertEquals("late", Files.readString(Path.of(file)));
    long pid = pidOf(daemon.get());
    Children.await(() -> !Files.exists(Path.of("/proc/" + pid)));
  }
}
