package multiprocessing.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import multiprocessing.Multiprocessing;
import multiprocessing.error.SerializationException;
import multiprocessing.error.ShutdownException;
import multiprocessing.error.TasksLostException;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;
import multiprocessing.sync.ProcessSemaphore;
import multiprocessing.testing.Children;
import multiprocessing.testing.Proves;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a joinable queue adds to a queue, however the processes that use it are started. */
abstract class JoinableQueueContract extends QueueSuite {
  JoinableQueueContract(StartMethod method) {
    super(method);
  }

  private static JoinableQueue<Integer> queueOf(int count) throws InterruptedException {
    JoinableQueue<Integer> queue = new JoinableQueue<>();
    for (int i = 0; i < count; i++) {
      queue.put(i);
    }
    return queue;
  }

  /** A thread that joins the queue; what it was thrown is put into {@code thrown}. */
  private static Thread joiner(
      boolean isVirtual, JoinableQueue<?> queue, AtomicReference<@Nullable Throwable> thrown) {
    Thread.Builder builder = isVirtual ? Thread.ofVirtual() : Thread.ofPlatform();
    return builder.start(
        () -> {
          try {
            queue.join();
          } catch (Throwable e) {
            thrown.set(e);
          }
        });
  }

  // --- one process ---

  @Test
  void joinWaitsUntilAllIsDone() throws InterruptedException {
    JoinableQueue<Integer> queue = queueOf(0);
    queue.join();
    assertTrue(queue.join(Duration.ZERO));
    queue.put(1);
    queue.put(2);
    assertEquals(2, queue.unfinishedTasks());
    assertFalse(queue.join(Duration.ZERO));
    queue.take();
    queue.take();
    assertEquals(2, queue.unfinishedTasks());
    assertEquals(0, queue.size());
    queue.taskDone();
    assertFalse(queue.join(Duration.ofSeconds(-1)));
    long start = System.nanoTime();
    assertFalse(queue.join(Duration.ofMillis(120)));
    assertTrue(System.nanoTime() - start >= 120_000_000);
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    Thread[] joiners = {joiner(false, queue, thrown), joiner(true, queue, thrown)};
    queue.taskDone();
    for (Thread joiner : joiners) {
      joiner.join();
    }
    assertNull(thrown.get());
    assertTrue(queue.join(Duration.ofSeconds(Long.MAX_VALUE)));
    assertEquals(0, queue.unfinishedTasks());
  }

  @Test
  void taskDoneTooOftenIsRefused() throws InterruptedException {
    JoinableQueue<Integer> queue = queueOf(1);
    assertThrows(IllegalStateException.class, queue::taskDone, "nobody has taken it");
    queue.take();
    queue.taskDone();
    IllegalStateException thrown = assertThrows(IllegalStateException.class, queue::taskDone);
    assertTrue(String.valueOf(thrown.getMessage()).contains("JoinableQueue@"), "" + thrown);
    queue.join();
  }

  @Test
  void isAQueueInEveryOtherRespect() throws InterruptedException {
    JoinableQueue<Integer> queue = Multiprocessing.context(method).joinableQueue(3);
    BlockingQueue<Integer> same = queue;
    assertTrue(same.offer(1) && same.offer(2) && same.offer(3));
    assertFalse(same.offer(4));
    assertEquals(1, same.peek());
    assertEquals(1, same.remove());
    List<Integer> drained = new ArrayList<>();
    assertEquals(2, same.drainTo(drained));
    assertNull(same.poll());
    assertEquals(3, queue.unfinishedTasks());
    for (int i = 0; i < 3; i++) {
      assertFalse(queue.join(Duration.ZERO));
      queue.taskDone();
    }
    queue.join();
    assertThrows(IllegalArgumentException.class, () -> new JoinableQueue<>(0));
  }

  @Test
  void whatIsRemovedNeedNotBeDone() throws InterruptedException {
    JoinableQueue<Integer> queue = queueOf(5);
    assertTrue(queue.remove(3));
    assertTrue(queue.removeIf(each -> each == 4));
    assertEquals(3, queue.unfinishedTasks());
    queue.take();
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    Thread joiner = joiner(false, queue, thrown);
    queue.clear();
    assertEquals(1, queue.unfinishedTasks());
    queue.taskDone();
    joiner.join();
    assertNull(thrown.get());
  }

  @Test
  void clearingLetsThoseGoOnWhoJoin() throws InterruptedException {
    JoinableQueue<Integer> queue = queueOf(5);
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    Thread joiner = joiner(true, queue, thrown);
    queue.clear();
    joiner.join();
    assertNull(thrown.get());
  }

  /** Travels, and does not arrive. */
  private static final class Undecodable implements Serializable {
    private void readObject(ObjectInputStream in) throws IOException {
      throw new IOException("never");
    }
  }

  @Test
  void whatCannotBeDecodedNeedNotBeDone() throws InterruptedException {
    JoinableQueue<Object> queue = new JoinableQueue<>();
    queue.put(new Undecodable());
    queue.put(new Undecodable());
    assertThrows(SerializationException.class, queue::take);
    assertThrows(SerializationException.class, () -> queue.poll());
    queue.join();
    assertThrows(IllegalStateException.class, queue::taskDone);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void heedsInterrupts(boolean isVirtual) throws InterruptedException {
    JoinableQueue<Integer> queue = queueOf(1);
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    Thread joiner = joiner(isVirtual, queue, thrown);
    Thread.sleep(30);
    joiner.interrupt();
    joiner.join();
    assertTrue(thrown.get() instanceof InterruptedException, "" + thrown.get());
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, queue::join);
    queue.take();
    queue.taskDone();
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> queue.join(Duration.ZERO));
    assertFalse(Thread.interrupted());
  }

  @Test
  @Proves(43)
  void aClosedQueueIsOfNoUse() {
    JoinableQueue<Integer> queue = new JoinableQueue<>();
    queue.close();
    IllegalStateException thrown = assertThrows(IllegalStateException.class, () -> queue.put(1));
    assertTrue(String.valueOf(thrown.getMessage()).contains("closed"), "" + thrown);
    assertThrows(IllegalStateException.class, queue::take);
    assertThrows(IllegalStateException.class, () -> queue.poll());
  }

  // --- several processes ---

  @Test
  @Proves(37)
  void consumersDoAllTasks() throws InterruptedException {
    JoinableQueue<Integer> queue = new JoinableQueue<>();
    ProcessSemaphore worked = new ProcessSemaphore(0);
    ChildProcess[] consumers = new ChildProcess[4];
    for (int i = 0; i < consumers.length; i++) {
      consumers[i] =
          start(
              () -> {
                for (int task = queue.take(); task >= 0; task = queue.take()) {
                  worked.release();
                  queue.taskDone();
                }
                queue.taskDone();
              });
    }
    for (int i = 0; i < 10; i++) {
      queue.put(i);
    }
    queue.join();
    assertEquals(10, worked.availablePermits());
    for (ChildProcess _ : consumers) {
      queue.put(-1);
    }
    queue.join();
    Children.joinAll(consumers);
    queue.join(); // they ended, with nothing undone
  }

  @Test
  void aTaskMayBeDoneByAnotherProcess() throws InterruptedException {
    JoinableQueue<Integer> queue = queueOf(2);
    queue.take();
    queue.take();
    Children.run(
        method,
        () -> {
          queue.taskDone();
          queue.taskDone();
          assertThrows(IllegalStateException.class, queue::taskDone);
        });
    queue.join();
  }

  @Test
  void joinsInAnotherProcessWhatTravelledThere() throws InterruptedException {
    ProcessQueue<JoinableQueue<Integer>> queues = new ProcessQueue<>();
    JoinableQueue<Integer> queue = queueOf(1);
    queues.put(queue);
    ProcessSemaphore joins = new ProcessSemaphore(0);
    ChildProcess child =
        start(
            () -> {
              JoinableQueue<Integer> same = queues.take();
              joins.release();
              same.join();
            });
    joins.acquire();
    queue.take();
    queue.taskDone();
    Children.joinAll(child);
  }

  // --- shutting down ---

  @Test
  @Proves(269)
  void aShutdownOfAnEmptyQueueEndsAllWaiting() throws InterruptedException {
    JoinableQueue<Integer> queue = queueOf(0);
    ProcessSemaphore waits = new ProcessSemaphore(0);
    ChildProcess child =
        start(
            () -> {
              waits.release();
              assertThrows(ShutdownException.class, queue::take);
              assertThrows(ShutdownException.class, () -> queue.put(1));
            });
    waits.acquire();
    queue.shutdown();
    Children.joinAll(child);
    assertThrows(ShutdownException.class, () -> queue.put(1));
    assertThrows(ShutdownException.class, queue::take);
    queue.join();
  }

  @Test
  @Proves(270)
  void afterAShutdownWhatIsLeftIsToBeDone() throws InterruptedException {
    JoinableQueue<Integer> queue = queueOf(1);
    queue.shutdown();
    assertThrows(ShutdownException.class, () -> queue.put(1));
    assertFalse(queue.join(Duration.ofMillis(1)));
    assertEquals(0, queue.take());
    assertThrows(ShutdownException.class, queue::take);
    assertFalse(queue.join(Duration.ofMillis(1)));
    queue.taskDone();
    queue.join();
  }

  @Test
  @Proves(271)
  void anImmediateShutdownLeavesNothingToBeDone() throws InterruptedException {
    JoinableQueue<Integer> queue = queueOf(2);
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    Thread joiner = joiner(false, queue, thrown);
    queue.shutdown(true);
    joiner.join();
    assertNull(thrown.get());
    assertEquals(0, queue.size());
    assertThrows(ShutdownException.class, queue::take);
    assertThrows(ShutdownException.class, () -> queue.put(1));
    assertThrows(IllegalStateException.class, queue::taskDone);
  }

  @Test
  @Proves(272)
  void anImmediateShutdownWaitsForWhatIsUnderWay() throws InterruptedException {
    JoinableQueue<Integer> queue = queueOf(2);
    queue.take();
    queue.shutdown(true);
    assertFalse(queue.join(Duration.ofMillis(10)));
    assertEquals(1, queue.unfinishedTasks());
    queue.taskDone();
    queue.join();
    assertThrows(IllegalStateException.class, queue::taskDone);
  }

  // --- deaths ---

  /** A child that takes tasks, says that the first is done, and ends. */
  private long takeAndEnd(JoinableQueue<Integer> queue, int tasks, boolean isKilled)
      throws InterruptedException {
    ProcessSemaphore taken = new ProcessSemaphore(0);
    ChildProcess child =
        start(
            () -> {
              for (int i = 0; i < tasks; i++) {
                queue.take();
              }
              queue.taskDone();
              taken.release();
              if (isKilled) {
                Thread.sleep(Long.MAX_VALUE);
              }
            });
    taken.acquire();
    long pid = child.pid().orElseThrow();
    if (isKilled) {
      Children.kill(child);
    } else {
      Children.joinAll(child);
    }
    return pid;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void joinTellsOfTasksThatDiedWithTheirConsumer(boolean isKilled) throws InterruptedException {
    JoinableQueue<Integer> queue = queueOf(4);
    long pid = takeAndEnd(queue, 3, isKilled);
    TasksLostException thrown = assertThrows(TasksLostException.class, queue::join);
    assertEquals(pid, thrown.pid());
    assertEquals(2, thrown.tasks());
    assertThrows(TasksLostException.class, () -> queue.join(Duration.ZERO), "not recovered yet");
    assertEquals(1, queue.unfinishedTasks());
    assertEquals(2, queue.recover());
    assertEquals(0, queue.recover());
    assertFalse(queue.join(Duration.ofMillis(1)));
    queue.put(7); // one of them again
    queue.take();
    queue.take();
    queue.taskDone();
    queue.taskDone();
    queue.join();
    assertThrows(IllegalStateException.class, queue::taskDone);
  }

  @Test
  void whoJoinsAlreadyIsTold() throws InterruptedException {
    JoinableQueue<Integer> queue = queueOf(1);
    ProcessSemaphore taken = new ProcessSemaphore(0);
    ChildProcess child =
        start(
            () -> {
              queue.take();
              taken.release();
              Thread.sleep(Long.MAX_VALUE);
            });
    taken.acquire();
    AtomicReference<@Nullable Throwable> one = new AtomicReference<>();
    AtomicReference<@Nullable Throwable> two = new AtomicReference<>();
    Thread[] joiners = {joiner(false, queue, one), joiner(true, queue, two)};
    Thread.sleep(20);
    Children.kill(child);
    for (Thread joiner : joiners) {
      joiner.join();
    }
    assertTrue(one.get() instanceof TasksLostException, "" + one.get());
    assertTrue(two.get() instanceof TasksLostException, "" + two.get());
    assertEquals(1, queue.recover());
    queue.join();
  }

  @Test
  void aConsumerThatDiesWithNothingUndoneIsNotMissed() throws InterruptedException {
    JoinableQueue<Integer> queue = queueOf(2);
    takeAndEnd(queue, 1, true);
    assertFalse(queue.join(Duration.ofMillis(150)));
    queue.take();
    queue.taskDone();
    queue.join();
    assertEquals(0, queue.recover());
  }

  @Test
  void whatNobodyIsLeftToTakeIsNotWaitedForWhereTheParentOfTheConsumersSaysSo()
      throws InterruptedException {
    JoinableQueue<Integer> queue = queueOf(3);
    ProcessSemaphore done = new ProcessSemaphore(0);
    ChildProcess consumer =
        start(
            () -> {
              queue.take();
              queue.taskDone();
              done.release();
              Thread.sleep(Long.MAX_VALUE);
            });
    CompletableFuture<Void> told = consumer.onExit().thenRun(() -> queue.shutdown(true));
    done.acquire();
    Children.kill(consumer);
    queue.join();
    told.join();
    assertThrows(ShutdownException.class, queue::take);
    assertEquals(0, queue.unfinishedTasks());
  }
}
