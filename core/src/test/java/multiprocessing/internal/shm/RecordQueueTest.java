package multiprocessing.internal.shm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import multiprocessing.error.ShutdownException;
import multiprocessing.process.ChildProcess;
import multiprocessing.testing.Children;
import multiprocessing.testing.CrashPoints;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The queue of records: its algorithm, and the moments at which a death is hardest. */
@ProcessTest
@Deadline(seconds = 30)
class RecordQueueTest {
  private static final long EVER = Long.MAX_VALUE;

  private final TreeMemory memory = TreeMemory.get();

  private static byte[] bytes(int size, int filling) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) filling);
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 9, 4087, 4088, 4095, 4096, 4097, 8191, 65_536, 1_000_000})
  void carriesRecordsOfAnySize(int size) {
    RecordQueue queue = RecordQueue.create(0);
    for (int i = 0; i < 20; i++) {
      assertTrue(RawBytes.offer(queue, bytes(size, i)));
      assertTrue(RawBytes.offer(queue, bytes(i, -i)));
    }
    assertEquals(40, queue.size());
    for (int i = 0; i < 20; i++) {
      assertArrayEquals(bytes(size, i), queue.peek());
      assertArrayEquals(bytes(size, i), RawBytes.poll(queue));
      assertArrayEquals(bytes(i, -i), RawBytes.poll(queue));
    }
    assertNull(RawBytes.poll(queue));
    HeapWalk.of(memory);
    queue.block().close();
  }

  @Test
  void headAndBodyBecomeOneRecord() {
    RecordQueue queue = RecordQueue.create(0);
    try (Arena arena = Arena.ofConfined()) {
      for (int size : new int[] {0, 3, 4_000, 100_000}) {
        MemorySegment body = arena.allocate(size);
        body.fill((byte) 2);
        assertTrue(queue.offer(bytes(100, 1), 10, body));
        byte[] expected = bytes(10 + size, 2);
        Arrays.fill(expected, 0, 10, (byte) 1);
        assertArrayEquals(expected, RawBytes.poll(queue));
      }
    }
    queue.block().close();
  }

  @Test
  void noBlockIsLeftWhenTheQueueEnds() throws InterruptedException {
    long used = HeapWalk.of(memory).usedBytes();
    for (int round = 0; round < 3; round++) {
      RecordQueue queue = RecordQueue.create(0);
      for (int i = 0; i < 2_000; i++) {
        RawBytes.offer(queue, Workload.element(i));
        if (i % 3 == 0) {
          RawBytes.poll(queue);
        }
      }
      queue.removeIf(each -> Workload.number(each) % 5 == 0);
      queue.block().close();
    }
    Children.await(() -> memory.usedBytes() <= used);
    HeapWalk.of(memory);
  }

  @Test
  void aDrainedQueueKeepsLittle() {
    RecordQueue queue = RecordQueue.create(0);
    long used = HeapWalk.of(memory).usedBytes();
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 20_000; i++) {
        RawBytes.offer(queue, bytes(100, i));
      }
      while (RawBytes.poll(queue) != null) {}
      assertTrue(HeapWalk.of(memory).usedBytes() < used + 1_000_000);
    }
    queue.block().close();
  }

  @Test
  void removalLeavesTheOthersInOrder() {
    RecordQueue queue = RecordQueue.create(0);
    List<Integer> left = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      RawBytes.offer(queue, Workload.element(i));
      if (i % 3 != 0) {
        left.add(i);
      }
    }
    queue.removeIf(each -> Workload.number(each) % 3 == 0);
    assertEquals(left.size(), queue.size());
    List<Integer> found = new ArrayList<>();
    for (byte[] each = RawBytes.poll(queue); each != null; each = RawBytes.poll(queue)) {
      found.add(Workload.number(each));
    }
    assertEquals(left, found);
    queue.block().close();
  }

  @Test
  void aQueueOfGapsIsEmpty() throws InterruptedException {
    RecordQueue queue = RecordQueue.create(3);
    for (int i = 0; i < 3; i++) {
      RawBytes.offer(queue, bytes(10, i));
    }
    queue.removeIf(each -> true);
    assertTrue(queue.isEmpty());
    assertEquals(0, queue.size());
    assertNull(RawBytes.poll(queue));
    assertNull(RawBytes.take(queue, 1_000_000));
    assertTrue(RawBytes.offer(queue, bytes(10, 7)));
    assertArrayEquals(bytes(10, 7), RawBytes.take(queue, EVER));
    queue.block().close();
  }

  @Test
  void aRemoverThatThrowsChangesNothing() {
    RecordQueue queue = RecordQueue.create(3);
    RawBytes.offer(queue, bytes(10, 1));
    assertThrows(
        IllegalStateException.class,
        () ->
            queue.removeIf(
                each -> {
                  throw new IllegalStateException();
                }));
    assertEquals(1, queue.size());
    assertArrayEquals(bytes(10, 1), RawBytes.poll(queue));
    queue.block().close();
  }

  // Two threads that each put one and take one never have more than two records in the queue.
  @Test
  void isNeverFullBeforeItIs() throws InterruptedException {
    RecordQueue queue = RecordQueue.create(2);
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    Runnable putAndTake =
        () -> {
          try {
            for (int i = 0; i < 200_000; i++) {
              assertTrue(RawBytes.offer(queue, bytes(8, i)), "full with one record in it");
              while (RawBytes.poll(queue) == null) {
                Thread.onSpinWait();
              }
            }
          } catch (Throwable e) {
            failure.compareAndSet(null, e);
          }
        };
    Thread one = Thread.ofPlatform().start(putAndTake);
    Thread two = Thread.ofPlatform().start(putAndTake);
    one.join();
    two.join();
    assertNull(failure.get());
    queue.block().close();
  }

  @Test
  void nothingIsLeftAfterAnImmediateShutdown() throws InterruptedException {
    for (int round = 0; round < 300; round++) {
      RecordQueue queue = RecordQueue.create(0);
      AtomicInteger puts = new AtomicInteger();
      List<Thread> producers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        producers.add(
            Thread.ofPlatform()
                .start(
                    () ->
                        assertThrows(
                            ShutdownException.class,
                            () -> {
                              while (true) {
                                RawBytes.offer(queue, bytes(3_000, 1));
                                puts.incrementAndGet();
                              }
                            })));
      }
      Children.await(() -> puts.get() > 3);
      queue.shutdown(true);
      for (Thread producer : producers) {
        producer.join();
      }
      assertThrows(ShutdownException.class, () -> RawBytes.poll(queue));
      assertEquals(0, queue.size());
      queue.block().close();
    }
  }

  @Test
  void manyThreadsLoseAndRepeatNothing() throws InterruptedException {
    RecordQueue queue = RecordQueue.create(50);
    int producers = 4;
    int each = 30_000;
    AtomicInteger[] seen = new AtomicInteger[producers * each];
    Arrays.setAll(seen, i -> new AtomicInteger());
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    List<Thread> threads = new ArrayList<>();
    for (int p = 0; p < producers; p++) {
      int first = p * each;
      threads.add(
          start(
              failure,
              () -> {
                for (int i = first; i < first + each; i++) {
                  RawBytes.put(queue, Workload.element(i), EVER);
                }
              }));
    }
    for (int c = 0; c < 3; c++) {
      threads.add(
          start(
              failure,
              () -> {
                int[] last = new int[producers];
                for (byte[] record = Objects.requireNonNull(RawBytes.take(queue, EVER));
                    record.length > 1;
                    record = Objects.requireNonNull(RawBytes.take(queue, EVER))) {
                  int number = Workload.number(record);
                  seen[number].incrementAndGet();
                  assertTrue(number + 1 > last[number / each], "order");
                  last[number / each] = number + 1;
                }
              }));
    }
    for (Thread producer : threads.subList(0, producers)) {
      producer.join();
    }
    for (int c = 0; c < 3; c++) {
      RawBytes.put(queue, bytes(1, 0), EVER);
    }
    for (Thread consumer : threads.subList(producers, threads.size())) {
      consumer.join();
    }
    assertNull(failure.get());
    for (int i = 0; i < seen.length; i++) {
      assertEquals(1, seen[i].get(), "element " + i);
    }
    assertEquals(0, queue.size());
    HeapWalk.of(memory);
    queue.block().close();
  }

  private interface Task {
    void run() throws Exception;
  }

  private static Thread start(AtomicReference<@Nullable Throwable> failure, Task task) {
    return Thread.ofPlatform()
        .start(
            () -> {
              try {
                task.run();
              } catch (Throwable e) {
                failure.compareAndSet(null, e);
              }
            });
  }

  // A consumer has advanced the head, and dies before it counts. The producer waits for room and
  // the other consumer for a record; neither may wait for the dead one.
  @Test
  @Tag("crash")
  void aConsumersDeathDoesNotBlockProducers() throws Exception {
    RecordQueue queue = RecordQueue.create(1);
    AtomicInteger taken = new AtomicInteger();
    AtomicBoolean over = new AtomicBoolean();
    CountDownLatch end = new CountDownLatch(1);
    Thread other =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    while (RawBytes.take(queue, EVER) != null && !over.get()) {
                      taken.incrementAndGet();
                    }
                  } catch (InterruptedException e) {
                    throw new AssertionError(e);
                  } finally {
                    end.countDown();
                  }
                });
    Children.await(() -> other.getState() == Thread.State.RUNNABLE);
    SharedBlock.Handle handle = queue.block().export();
    ChildProcess child =
        CrashPoints.doomed(
            () -> {
              RecordQueue its = RecordQueue.at(handle.attach());
              while (RawBytes.take(its, EVER) != null) {}
            },
            "queue.take.published",
            1);
    while (child.isAlive()) {
      RawBytes.put(queue, bytes(10, 1), EVER);
      Thread.sleep(1);
    }
    assertEquals(Children.KILLED, Children.exitCode(child));
    for (int i = 0; i < 10; i++) {
      assertTrue(RawBytes.put(queue, bytes(10, 1), EVER));
    }
    over.set(true);
    RawBytes.put(queue, bytes(10, 1), EVER);
    end.await();
    queue.block().close();
  }

  // A producer has entered a new chunk, and dies before it notes that. The chunk it came from is
  // drained and given back, and what was the size of that chunk is somebody's data then.
  @Test
  @Tag("crash")
  void theChunkOfADeadProducerMayBeGone() throws Exception {
    RecordQueue queue = RecordQueue.create(0);
    SharedBlock.Handle handle = queue.block().export();
    int record = 1000;
    int inThree = 8 + 16 + 32;
    int count = 0;
    while (count < 10) { // some of which are in the second chunk
      RawBytes.offer(queue, bytes(record, count++));
    }
    ChildProcess child =
        CrashPoints.doomed(
            () -> {
              RecordQueue its = RecordQueue.at(handle.attach());
              while (true) {
                RawBytes.offer(its, bytes(1000, 99));
              }
            },
            "queue.enter.published",
            1);
    assertEquals(Children.KILLED, Children.exitCode(child));
    while (RawBytes.poll(queue) != null) {}

    List<Long> others = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      long block = memory.allocate(inThree * 64L);
      memory.segment().asSlice(block, inThree * 64L).fill((byte) 0x11);
      others.add(block);
    }
    for (int i = 0; i < 500; i++) {
      RawBytes.offer(queue, bytes(record, i));
    }
    HeapWalk.of(memory);
    for (int i = 0; i < 500; i++) {
      assertArrayEquals(bytes(record, i), RawBytes.poll(queue));
    }
    for (long block : others) {
      for (long at = block; at < block + inThree * 64L; at += 8) {
        assertEquals(0x1111_1111_1111_1111L, memory.segment().get(ValueLayout.JAVA_LONG, at));
      }
      memory.free(block);
    }
    HeapWalk.of(memory);
    queue.block().close();
  }
}
