package multiprocessing.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;
import multiprocessing.queue.ProcessQueue;
import multiprocessing.testing.Children;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Proves;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an event does, however the processes that use it are started. */
@ProcessTest
@Deadline(seconds = 40)
abstract class EventContract {
  private final StartMethod method;

  EventContract(StartMethod method) {
    this.method = method;
  }

  private static Thread.Builder threads(boolean isVirtual) {
    return isVirtual ? Thread.ofVirtual() : Thread.ofPlatform();
  }

  @Test
  @Proves(62)
  void isSetAndCleared() throws InterruptedException {
    ProcessEvent event = new ProcessEvent();
    assertFalse(event.isSet());
    assertFalse(event.await(Duration.ZERO));
    assertFalse(event.await(Duration.ofSeconds(Long.MIN_VALUE)));
    long start = System.nanoTime();
    assertFalse(event.await(Duration.ofMillis(120)));
    assertTrue(System.nanoTime() - start >= 120_000_000);
    event.set();
    event.set();
    assertTrue(event.isSet());
    assertTrue(event.await(Duration.ZERO));
    event.await();
    event.clear();
    event.clear();
    assertFalse(event.isSet());
    assertFalse(event.await(Duration.ofMillis(1)));
    ChildProcess child = Children.start(method, event::set);
    assertTrue(event.await(Duration.ofSeconds(Long.MAX_VALUE)));
    Children.joinAll(child);
    assertTrue(event.isSet());
  }

  @Test
  @Proves(63)
  void tellsItsState() {
    ProcessEvent event = new ProcessEvent();
    assertTrue(event.toString().endsWith("[unset]"), event.toString());
    event.set();
    assertTrue(event.toString().endsWith("[set]"), event.toString());
  }

  @Test
  void letsAllGoOn() throws InterruptedException {
    ProcessEvent event = new ProcessEvent();
    ProcessSemaphore waits = new ProcessSemaphore(0);
    AtomicInteger passed = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 1_010; i++) {
      threads.add(
          threads(i >= 10)
              .start(
                  () -> {
                    waits.release();
                    try {
                      event.await();
                    } catch (InterruptedException e) {
                      throw new AssertionError(e);
                    }
                    passed.incrementAndGet();
                  }));
    }
    ChildProcess[] children = new ChildProcess[2];
    for (int i = 0; i < children.length; i++) {
      children[i] =
          Children.start(
              method,
              () -> {
                waits.release();
                event.await();
              });
    }
    for (int i = 0; i < 1_012; i++) {
      waits.acquire();
    }
    Thread.sleep(100);
    assertEquals(0, passed.get());
    event.set();
    for (Thread thread : threads) {
      thread.join();
    }
    Children.joinAll(children);
    assertEquals(1_010, passed.get());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void heedsInterrupts(boolean isVirtual) throws InterruptedException {
    ProcessEvent event = new ProcessEvent();
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    Thread waiter =
        threads(isVirtual)
            .start(
                () -> {
                  try {
                    event.await();
                  } catch (Throwable e) {
                    thrown.set(e);
                  }
                });
    Thread.sleep(30);
    waiter.interrupt();
    waiter.join();
    assertTrue(thrown.get() instanceof InterruptedException, "" + thrown.get());
    event.set();
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, event::await);
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> event.await(Duration.ZERO));
    assertFalse(Thread.interrupted());
  }

  @Test
  void handsOverBackAndForth() throws InterruptedException {
    ProcessEvent there = new ProcessEvent();
    ProcessEvent back = new ProcessEvent();
    ChildProcess child =
        Children.start(
            method,
            () -> {
              for (int i = 0; i < 1_000; i++) {
                there.await();
                there.clear();
                back.set();
              }
            });
    for (int i = 0; i < 1_000; i++) {
      there.set();
      back.await();
      back.clear();
    }
    Children.joinAll(child);
    assertFalse(there.isSet());
    assertFalse(back.isSet());
  }

  private record Holder(String name, ProcessEvent event) implements Serializable {}

  @Test
  void travelsInFieldsAndThroughQueues() throws InterruptedException {
    ProcessQueue<Map<String, Holder>> queue = new ProcessQueue<>();
    ProcessQueue<ProcessEvent> made = new ProcessQueue<>();
    ProcessEvent event = new ProcessEvent();
    queue.put(Map.of("a", new Holder("b", event)));
    Children.run(
        method,
        () -> {
          Objects.requireNonNull(queue.take().get("a")).event().set();
          ProcessEvent mine = new ProcessEvent();
          mine.set();
          made.put(mine);
        });
    assertTrue(event.isSet());
    assertTrue(made.take().isSet());
  }

  @Test
  void aWaiterThatIsKilledHarmsNobody() throws InterruptedException {
    ProcessEvent event = new ProcessEvent();
    ProcessSemaphore waits = new ProcessSemaphore(0);
    ChildProcess child =
        Children.start(
            method,
            () -> {
              waits.release();
              event.await();
            });
    waits.acquire();
    Thread.sleep(50);
    Children.kill(child);
    assertFalse(event.await(Duration.ofMillis(100)));
    event.set();
    event.await();
  }
}
