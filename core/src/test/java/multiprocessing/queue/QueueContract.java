package multiprocessing.queue;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import multiprocessing.error.ShutdownException;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;
import multiprocessing.sync.ProcessSemaphore;
import multiprocessing.testing.Children;
import multiprocessing.testing.Proves;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a queue does, however the processes that use it are started. */
abstract class QueueContract extends QueueSuite {
  QueueContract(StartMethod method) {
    super(method);
  }

  private static ProcessQueue<Integer> queueOf(Integer... elements) throws InterruptedException {
    ProcessQueue<Integer> queue = new ProcessQueue<>();
    for (Integer each : elements) {
      queue.put(each);
    }
    return queue;
  }

  // --- the contracts of Queue and BlockingQueue ---

  @Test
  @Proves(34)
  void givesElementsInTheOrderInWhichTheyWerePut() throws InterruptedException {
    ProcessQueue<Object> queue = new ProcessQueue<>();
    List<Object> elements = List.of(1, "two", 3.0, List.of(4, 5), new int[0].length, 'c');
    for (Object each : elements) {
      queue.put(each);
    }
    assertEquals(6, queue.size());
    for (Object each : elements) {
      assertEquals(each, queue.take());
    }
    assertTrue(queue.isEmpty());
  }

  @Test
  @Proves(36)
  void sizeFollowsPutAndTake() throws InterruptedException {
    ProcessQueue<Integer> queue = queueOf();
    assertEquals(0, queue.size());
    queue.put(1);
    assertEquals(1, queue.size());
    queue.put(2);
    assertEquals(2, queue.size());
    queue.take();
    assertEquals(1, queue.size());
    queue.take();
    assertEquals(0, queue.size());
    assertTrue(queue.isEmpty());
  }

  @Test
  @SuppressWarnings("NullAway") // that is what is tested
  void holdsNoNulls() {
    ProcessQueue<Integer> queue = new ProcessQueue<>(5);
    assertThrows(NullPointerException.class, () -> queue.put(null));
    assertThrows(NullPointerException.class, () -> queue.add(null));
    assertThrows(NullPointerException.class, () -> queue.offer(null));
    assertThrows(NullPointerException.class, () -> queue.offer(null, 1, TimeUnit.SECONDS));
    assertThrows(NullPointerException.class, () -> queue.addAll(Arrays.asList(1, null)));
    assertThrows(NullPointerException.class, () -> queue.addAll(null));
    assertThrows(NullPointerException.class, () -> queue.drainTo(null));
    assertThrows(NullPointerException.class, () -> queue.drainTo(null, 1));
    assertFalse(queue.contains(null));
    assertFalse(queue.remove(null));
    assertEquals(List.of(1), List.copyOf(queue));
  }

  @Test
  @Proves(33)
  void aBoundedQueueIsFullAtItsCapacity() throws InterruptedException {
    ProcessQueue<Integer> queue = new ProcessQueue<>(6);
    for (int i = 0; i < 6; i++) {
      assertEquals(6 - i, queue.remainingCapacity());
      assertTrue(i % 2 == 0 ? queue.offer(i) : queue.offer(i, 1, TimeUnit.SECONDS));
    }
    assertEquals(0, queue.remainingCapacity());
    assertFalse(queue.offer(6));
    assertThrows(IllegalStateException.class, () -> queue.add(6));
    assertFalse(queue.offer(6, 0, TimeUnit.SECONDS));
    assertFalse(queue.offer(6, -1, TimeUnit.SECONDS));
    assertFalse(queue.offer(6, Long.MIN_VALUE, TimeUnit.DAYS));
    long start = System.nanoTime();
    assertFalse(queue.offer(6, 120, TimeUnit.MILLISECONDS));
    assertTrue(System.nanoTime() - start >= 120_000_000);
    assertEquals(0, queue.take());
    assertTrue(queue.offer(6, Long.MAX_VALUE, TimeUnit.DAYS));
    assertArrayEquals(new Object[] {1, 2, 3, 4, 5, 6}, queue.toArray());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void aCapacityBelowOneIsRefused(int capacity) {
    assertThrows(IllegalArgumentException.class, () -> new ProcessQueue<>(capacity));
  }

  @Test
  void anUnboundedQueueHasRoom() {
    ProcessQueue<Integer> queue = new ProcessQueue<>();
    assertEquals(Integer.MAX_VALUE, queue.remainingCapacity());
    queue.add(1);
    assertEquals(Integer.MAX_VALUE, queue.remainingCapacity());
  }

  @Test
  @Proves({34, 39})
  void anEmptyQueueGivesNothing() throws InterruptedException {
    ProcessQueue<Integer> queue = new ProcessQueue<>();
    assertNull(queue.poll());
    assertNull(queue.peek());
    assertNull(queue.poll(0, TimeUnit.SECONDS));
    assertNull(queue.poll(-1, TimeUnit.SECONDS));
    assertNull(queue.poll(Long.MIN_VALUE, TimeUnit.DAYS));
    assertThrows(NoSuchElementException.class, queue::element);
    assertThrows(NoSuchElementException.class, queue::remove);
    assertEquals(0, queue.toArray().length);
    assertFalse(queue.iterator().hasNext());
    long start = System.nanoTime();
    assertNull(queue.poll(120, TimeUnit.MILLISECONDS));
    assertTrue(System.nanoTime() - start >= 120_000_000);
  }

  @Test
  void peekLeavesTheElement() throws InterruptedException {
    ProcessQueue<Integer> queue = queueOf(1, 2);
    assertEquals(1, queue.peek());
    assertEquals(1, queue.element());
    assertEquals(2, queue.size());
    assertEquals(1, queue.remove());
    assertEquals(2, queue.peek());
  }

  @Test
  void removesAndFinds() throws InterruptedException {
    ProcessQueue<Integer> queue = queueOf(1, 2, 3, 2, 1);
    assertTrue(queue.contains(3));
    assertFalse(queue.contains(4));
    assertTrue(queue.remove(2));
    assertFalse(queue.remove(4));
    assertArrayEquals(new Integer[] {1, 3, 2, 1}, queue.toArray(new Integer[0]));
    assertTrue(queue.removeIf(each -> each == 1));
    assertArrayEquals(new Object[] {3, 2}, queue.toArray());
    assertTrue(queue.removeAll(List.of(3)));
    assertFalse(queue.retainAll(List.of(2)));
    assertTrue(queue.containsAll(List.of(2)));
    assertEquals(1, queue.size());
    queue.clear();
    assertTrue(queue.isEmpty());
    assertNull(queue.poll());
    queue.put(7);
    assertEquals(7, queue.take());
  }

  @Test
  void clearMakesRoom() throws InterruptedException {
    ProcessQueue<Integer> queue = new ProcessQueue<>(2);
    queue.put(1);
    queue.put(2);
    Thread producer =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    queue.put(3);
                  } catch (InterruptedException e) {
                    throw new AssertionError(e);
                  }
                });
    Thread.sleep(50);
    queue.clear();
    producer.join();
    assertEquals(3, queue.take());
    assertEquals(2, queue.remainingCapacity());
  }

  @Test
  void anIteratorShowsTheQueueAsItWas() throws InterruptedException {
    ProcessQueue<Integer> queue = queueOf(1, 2, 3);
    Iterator<Integer> iterator = queue.iterator();
    queue.put(4);
    assertThrows(IllegalStateException.class, iterator::remove);
    assertEquals(1, iterator.next());
    assertEquals(2, iterator.next());
    iterator.remove();
    assertThrows(IllegalStateException.class, iterator::remove);
    assertEquals(3, iterator.next());
    assertFalse(iterator.hasNext());
    assertThrows(NoSuchElementException.class, iterator::next);
    assertArrayEquals(new Object[] {1, 3, 4}, queue.toArray());
    assertEquals(8, queue.stream().mapToInt(Integer::intValue).sum());
  }

  @Test
  void drains() throws InterruptedException {
    ProcessQueue<Integer> queue = queueOf(1, 2, 3, 4);
    List<Integer> target = new ArrayList<>();
    assertEquals(0, queue.drainTo(target, 0));
    assertEquals(0, queue.drainTo(target, -1));
    assertEquals(2, queue.drainTo(target, 2));
    assertEquals(2, queue.drainTo(target));
    assertEquals(0, queue.drainTo(target));
    assertEquals(List.of(1, 2, 3, 4), target);
    assertThrows(IllegalArgumentException.class, () -> queue.drainTo(queue));
    assertThrows(IllegalArgumentException.class, () -> queue.drainTo(queue, 1));
    assertThrows(IllegalArgumentException.class, () -> addAllOf(queue, queue));
  }

  @Test
  void isWhatItSaysItIs() throws InterruptedException {
    Queue<Integer> queue = queueOf(1);
    assertTrue(queue.toString().contains("size = 1"), queue.toString());
  }

  // --- waiting ---

  private static Thread.Builder threads(boolean isVirtual) {
    return isVirtual ? Thread.ofVirtual() : Thread.ofPlatform();
  }

  private interface Task {
    void run() throws InterruptedException;
  }

  private static void assertInterrupted(boolean isVirtual, Task task) throws InterruptedException {
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    Thread waiter =
        threads(isVirtual)
            .start(
                () -> {
                  try {
                    task.run();
                  } catch (Throwable e) {
                    thrown.set(e);
                  }
                });
    Thread.sleep(30);
    waiter.interrupt();
    waiter.join();
    assertTrue(thrown.get() instanceof InterruptedException, "" + thrown.get());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void heedsInterrupts(boolean isVirtual) throws InterruptedException {
    ProcessQueue<Integer> queue = new ProcessQueue<>(1);
    assertInterrupted(isVirtual, queue::take);
    assertInterrupted(isVirtual, () -> queue.poll(1, TimeUnit.DAYS));
    queue.put(1);
    assertInterrupted(isVirtual, () -> queue.put(2));
    assertInterrupted(isVirtual, () -> queue.offer(2, 1, TimeUnit.DAYS));
    assertEquals(1, queue.take());
    assertNull(queue.poll());
  }

  @Test
  void anInterruptedCallerChangesNothing() throws InterruptedException {
    ProcessQueue<Integer> queue = queueOf(1);
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, queue::take);
    assertFalse(Thread.interrupted());
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> queue.poll(1, TimeUnit.SECONDS));
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> queue.put(2));
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> queue.offer(2, 1, TimeUnit.SECONDS));
    Thread.currentThread().interrupt();
    assertTrue(queue.offer(3), "this one does not wait, so it does not care");
    assertEquals(1, queue.poll());
    assertTrue(Thread.interrupted());
    assertEquals(3, queue.take());
    assertTrue(queue.isEmpty());
  }

  @Test
  void thousandVirtualThreadsWaitAndAreServed() throws InterruptedException {
    ProcessQueue<Integer> queue = new ProcessQueue<>();
    ConcurrentHashMap<Integer, Integer> taken = new ConcurrentHashMap<>();
    List<Thread> waiters = new ArrayList<>();
    CountDownLatch started = new CountDownLatch(1_000);
    for (int i = 0; i < 1_000; i++) {
      waiters.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    started.countDown();
                    try {
                      taken.merge(queue.take(), 1, Integer::sum);
                    } catch (InterruptedException e) {
                      throw new AssertionError(e);
                    }
                  }));
    }
    started.await();
    Thread.sleep(100);
    Thread other = Thread.ofVirtual().start(() -> taken.put(-1, 1));
    other.join(); // it could run
    ChildProcess child =
        start(
            () -> {
              for (int i = 0; i < 1_000; i++) {
                queue.put(i);
              }
            });
    for (Thread waiter : waiters) {
      waiter.join();
    }
    Children.joinAll(child);
    assertEquals(1_001, taken.size());
    assertEquals(1_001, taken.values().stream().mapToInt(Integer::intValue).sum());
  }

  @Test
  void virtualThreadsWaitForRoom() throws InterruptedException {
    ProcessQueue<Integer> queue = new ProcessQueue<>(2);
    List<Thread> producers = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      int number = i;
      producers.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      queue.put(number);
                    } catch (InterruptedException e) {
                      throw new AssertionError(e);
                    }
                  }));
    }
    boolean[] seen = new boolean[500];
    for (int i = 0; i < 500; i++) {
      assertTrue(queue.size() <= 2);
      seen[queue.take()] = true;
    }
    for (Thread producer : producers) {
      producer.join();
    }
    for (boolean each : seen) {
      assertTrue(each);
    }
    assertTrue(queue.isEmpty());
  }

  // --- closing and shutting down ---

  @Test
  @Proves({42, 43})
  void aClosedQueueIsOfNoUse() throws InterruptedException {
    ProcessQueue<Integer> queue = queueOf(1);
    queue.close();
    queue.close();
    assertThrows(IllegalStateException.class, () -> queue.put(1));
    assertThrows(IllegalStateException.class, () -> queue.offer(1));
    assertThrows(IllegalStateException.class, queue::take);
    assertThrows(IllegalStateException.class, () -> queue.poll());
    assertThrows(IllegalStateException.class, () -> queue.poll(1, TimeUnit.SECONDS));
    assertThrows(IllegalStateException.class, () -> queue.peek());
    assertThrows(IllegalStateException.class, () -> queue.drainTo(new ArrayList<>()));
    assertThrows(IllegalStateException.class, queue::iterator);
    assertThrows(IllegalStateException.class, queue::clear);
    assertThrows(IllegalStateException.class, queue::shutdown);
    assertThrows(IllegalStateException.class, queue::size);
    IllegalStateException thrown = assertThrows(IllegalStateException.class, queue::isEmpty);
    assertTrue(String.valueOf(thrown.getMessage()).contains("closed"), "" + thrown);
    assertTrue(queue.toString().contains("size = 1"), queue.toString());
    ProcessQueue<Integer> neverUsed = new ProcessQueue<>();
    neverUsed.cancelFlush();
    neverUsed.closeAndFlush();
    assertThrows(IllegalStateException.class, neverUsed::isEmpty);
  }

  @Test
  void aShutDownQueueGivesWhatIsLeft() throws InterruptedException {
    ProcessQueue<Integer> queue = queueOf(1, 2, 3);
    queue.shutdown();
    assertThrows(ShutdownException.class, () -> queue.put(4));
    assertThrows(ShutdownException.class, () -> queue.offer(4));
    assertEquals(1, queue.take());
    assertEquals(2, queue.poll());
    List<Integer> rest = new ArrayList<>();
    assertEquals(1, queue.drainTo(rest));
    assertThrows(ShutdownException.class, queue::take);
    assertThrows(ShutdownException.class, () -> queue.poll(1, TimeUnit.DAYS));
    queue.shutdown();
  }

  @Test
  void anImmediateShutdownDropsWhatIsLeft() throws InterruptedException {
    ProcessQueue<Integer> queue = queueOf(1, 2, 3);
    queue.shutdown(true);
    assertEquals(0, queue.size());
    assertThrows(ShutdownException.class, queue::take);
    assertThrows(ShutdownException.class, () -> queue.put(4));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aShutdownEndsAllWaiting(boolean immediate) throws InterruptedException {
    ProcessQueue<Integer> empty = new ProcessQueue<>();
    ProcessQueue<Integer> full = new ProcessQueue<>(1);
    full.put(1);
    ProcessSemaphore waits = new ProcessSemaphore(0);
    List<Thread> waiters = new ArrayList<>();
    List<Throwable> thrown = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      boolean takes = i % 2 == 0;
      waiters.add(
          threads(i % 4 < 2)
              .start(
                  () -> {
                    waits.release();
                    Throwable expected =
                        assertThrows(
                            ShutdownException.class,
                            () -> {
                              if (takes) {
                                empty.take();
                              } else {
                                full.put(2);
                              }
                            });
                    synchronized (thrown) {
                      thrown.add(expected);
                    }
                  }));
    }
    ChildProcess child =
        start(
            () -> {
              waits.release();
              assertThrows(ShutdownException.class, empty::take);
            });
    for (int i = 0; i < 21; i++) {
      waits.acquire();
    }
    Thread.sleep(50);
    Children.run(
        method,
        () -> {
          empty.shutdown(immediate);
          full.shutdown(immediate);
        });
    for (Thread waiter : waiters) {
      waiter.join();
    }
    Children.joinAll(child);
    assertEquals(20, thrown.size());
    assertEquals(immediate ? 0 : 1, full.size());
  }

  private static <E> void addAllOf(Queue<E> queue, Queue<E> other) {
    assertTrue(queue.addAll(other));
  }
}
