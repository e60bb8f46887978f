package multiprocessing.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;
import multiprocessing.testing.Children;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Waiting for several things at once, by platform threads and by virtual ones. */
@ProcessTest
@SuppressWarnings(
    "try") // what is closed twice, or at another time than its block ends, is what is tested
final class WaitTest {
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Duration LONG = Duration.ofSeconds(30);

  /** Runs a piece of a test in a thread of one kind or the other. */
  static void in(boolean virtual, Piece piece) throws Exception {
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              piece.run();
              return null;
            });
    (virtual ? Thread.ofVirtual() : Thread.ofPlatform()).start(task);
    task.get();
  }

  interface Piece {
    void run() throws Exception;
  }

  @ParameterizedTest
  @Proves({189, 191})
  @ValueSource(booleans = {false, true})
  void everyMessageOfSeveralSendersIsSeen(boolean virtual) throws Exception {
    List<Connection> readers = new ArrayList<>();
    List<ChildProcess> senders = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Pipe pipe = Pipe.open(false);
      Connection writer = pipe.second();
      int number = i;
      senders.add(
          Children.start(
              StartMethod.FORKSERVER,
              () -> {
                Random random = new Random(number);
                for (int j = 0; j < 10; j++) {
                  writer.send(number * 100 + j);
                  Thread.sleep(random.nextInt(5));
                }
                writer.close();
              }));
      writer.close();
      readers.add(pipe.first());
    }
    List<Integer> received = new ArrayList<>();
    in(
        virtual,
        () -> {
          List<Connection> left = new ArrayList<>(readers);
          while (!left.isEmpty()) {
            for (Connection ready : Wait.any(left)) {
              try {
                received.add((Integer) Objects.requireNonNull(ready.recv()));
              } catch (EOFException e) {
                left.remove(ready);
                ready.close();
              }
            }
          }
        });
    assertEquals(40, received.size());
    for (int i = 0; i < 4; i++) {
      int from = i * 100;
      List<Integer> ofOne = received.stream().filter(each -> each / 100 * 100 == from).toList();
      assertEquals(List.of(from, from + 1, from + 2, from + 3), ofOne.subList(0, 4));
    }
    Children.joinAll(senders.toArray(ChildProcess[]::new));
  }

  @ParameterizedTest
  @Proves(193)
  @ValueSource(booleans = {false, true})
  void theTimeRunsOut(boolean virtual) throws Exception {
    try (Pipe one = Pipe.open();
        Pipe other = Pipe.open()) {
      List<Connection> both = List.of(one.first(), other.first());
      in(
          virtual,
          () -> {
            long start = System.nanoTime();
            assertEquals(List.of(), Wait.any(both, SHORT));
            assertTrue(System.nanoTime() - start >= SHORT.toNanos(), "it came back too early");
            other.second().send(1);
            assertEquals(List.of(other.first()), Wait.any(both, LONG));
            assertEquals(1, other.first().recv());
            one.second().close();
            assertEquals(List.of(one.first()), Wait.any(both));
            other.second().send(2);
            assertEquals(both, Wait.any(both));
          });
    }
  }

  @Test
  @Proves(266)
  void nothingIsWaitedForAsLongAsIsSaid() throws Exception {
    long start = System.nanoTime();
    assertEquals(List.of(), Wait.any(List.of(), SHORT));
    assertTrue(System.nanoTime() - start >= SHORT.toNanos(), "it came back too early");
    assertEquals(List.of(), Wait.any(List.of(), Duration.ZERO));
  }

  @Test
  @Proves(195)
  void aNegativeTimeIsNone() throws Exception {
    try (Pipe pipe = Pipe.open()) {
      assertEquals(List.of(), Wait.any(List.of(pipe.first()), Duration.ofSeconds(-1)));
      assertEquals(List.of(), Wait.any(List.of(pipe.first()), Duration.ZERO));
      assertThrows(IllegalArgumentException.class, () -> Wait.any(List.of()));
    }
  }

  @ParameterizedTest
  @Proves(194)
  @ValueSource(booleans = {false, true})
  void theEndOfAProcessIsWaitedForBesideConnections(boolean virtual) throws Exception {
    try (Pipe a = Pipe.open();
        Pipe b = Pipe.open()) {
      CompletableFuture<Void> future = new CompletableFuture<>();
      Sentinel sentinel = new Sentinel(future::isDone, future);
      List<Object> all = List.of(a.first(), sentinel, b.first());
      in(
          virtual,
          () -> {
            assertEquals(List.of(), Wait.any(all, Duration.ofMillis(100)));
            Thread later = Thread.ofPlatform().start(() -> future.complete(null));
            assertEquals(List.of(sentinel), Wait.any(all));
            later.join();
            a.second().send(1);
            assertEquals(List.of(a.first(), sentinel), Wait.any(all));
            b.second().send(1);
            assertEquals(all, Wait.any(all, LONG));
            assertEquals(List.of(sentinel), Wait.any(List.of(sentinel), Duration.ZERO));
          });
    }
  }

  @Test
  void sentinelsAloneAreWaitedFor() throws Exception {
    CompletableFuture<Void> one = new CompletableFuture<>();
    CompletableFuture<Void> other = new CompletableFuture<>();
    Sentinel first = new Sentinel(one::isDone, one);
    Sentinel second = new Sentinel(other::isDone, other);
    assertEquals(List.of(), Wait.any(List.of(first, second), SHORT));
    Thread later =
        Thread.ofPlatform().start(() -> other.completeExceptionally(new RuntimeException()));
    assertEquals(List.of(second), Wait.any(List.of(first, second)));
    later.join();
    Waitable waitable = () -> second;
    assertEquals(List.of(waitable), Wait.any(List.of(first, waitable)));
  }

  @Test
  void aListenerIsReadyWhenThereIsAClient() throws Exception {
    try (Listener listener = Listener.open()) {
      assertEquals(List.of(), Wait.any(List.of(listener), Duration.ZERO));
      try (Connection client = Client.connect(listener.address())) {
        assertEquals(List.of(listener), Wait.any(List.of(listener)));
        listener.accept().close();
        assertEquals(List.of(client), Wait.any(List.of(client)));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anInterruptEndsTheWaitAndHarmsNothing(boolean virtual) throws Exception {
    try (Pipe pipe = Pipe.open()) {
      List<Piece> waits =
          List.of(
              () -> Wait.any(List.of(pipe.first())),
              () -> pipe.first().recv(),
              () -> pipe.first().poll(LONG));
      for (Piece wait : waits) {
        FutureTask<Void> task =
            new FutureTask<>(
                () -> {
                  assertThrows(InterruptedException.class, wait::run);
                  return null;
                });
        Thread waiter = (virtual ? Thread.ofVirtual() : Thread.ofPlatform()).start(task);
        Thread.sleep(20);
        waiter.interrupt();
        task.get();
      }
      pipe.second().send("still whole");
      assertEquals("still whole", pipe.first().recv());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void closingEndsTheWaitsOfOthers(boolean virtual) throws Exception {
    try (Pipe pipe = Pipe.open();
        Listener listener = Listener.open()) {
      List<Piece> waits =
          List.of(
              () -> pipe.first().recv(), () -> pipe.first().poll(LONG), () -> listener.accept());
      List<FutureTask<Void>> tasks = new ArrayList<>();
      for (Piece wait : waits) {
        FutureTask<Void> task =
            new FutureTask<>(
                () -> {
                  assertThrows(IOException.class, wait::run);
                  return null;
                });
        (virtual ? Thread.ofVirtual() : Thread.ofPlatform()).start(task);
        tasks.add(task);
      }
      Thread.sleep(20);
      pipe.first().close();
      listener.close();
      for (FutureTask<Void> task : tasks) {
        task.get();
      }
      assertThrows(EOFException.class, () -> pipe.second().recv());
    }
  }

  @Test
  void whatCannotBeWaitedForIsNamed() {
    try (Pipe pipe = Pipe.open(false)) {
      assertThrows(IllegalArgumentException.class, () -> Wait.any(List.of("text"), SHORT));
      assertThrows(IllegalArgumentException.class, () -> Wait.any(List.of(pipe.second()), SHORT));
    }
  }

  @Test
  void aThousandVirtualThreadsWaitAtATime() throws Exception {
    List<Pipe> pipes = new ArrayList<>();
    List<FutureTask<Object>> tasks = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      Pipe pipe = Pipe.open();
      pipes.add(pipe);
      FutureTask<Object> task = new FutureTask<>(() -> pipe.first().recv());
      tasks.add(task);
      Thread.ofVirtual().start(task);
    }
    for (int i = 0; i < 1000; i++) {
      pipes.get(i).second().send(i);
    }
    for (int i = 0; i < 1000; i++) {
      assertEquals(i, tasks.get(i).get());
      pipes.get(i).close();
    }
    assertFalse(pipes.isEmpty());
  }
}
