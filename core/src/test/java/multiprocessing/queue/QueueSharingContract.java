package multiprocessing.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import multiprocessing.error.SerializationException;
import multiprocessing.error.ShutdownException;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.process.StartMethod;
import multiprocessing.sync.ProcessSemaphore;
import multiprocessing.testing.Children;
import multiprocessing.testing.Proves;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How processes share a queue, however they are started: what travels, and what a death leaves. */
abstract class QueueSharingContract extends QueueSuite {
  private static final int MEBIBYTE = 1024 * 1024;

  QueueSharingContract(StartMethod method) {
    super(method);
  }

  @Test
  @Proves(35)
  void aChildTakesWhatWasPutBeforeItStarted() throws InterruptedException {
    ProcessQueue<Integer> queue = new ProcessQueue<>();
    for (int i = 0; i < 10; i++) {
      queue.put(i);
    }
    ChildProcess child =
        start(
            () -> {
              for (int i = 0; i < 20; i++) {
                assertEquals(i, queue.take());
              }
              assertNull(queue.poll());
            });
    for (int i = 10; i < 20; i++) {
      queue.put(i);
    }
    Children.joinAll(child);
  }

  @Test
  void othersGoOnWithAQueueThatOneHasClosed() throws InterruptedException {
    ProcessQueue<Integer> queue = new ProcessQueue<>();
    Children.run(
        method,
        () -> {
          queue.put(1);
          queue.close();
        });
    queue.put(2);
    assertEquals(1, queue.take());
    assertEquals(2, queue.take());
  }

  // --- what travels ---

  private record Wrapper(Object content) implements Serializable {}

  @Test
  @Proves({40, 41})
  void whatCannotTravelFailsInPut() throws InterruptedException {
    ProcessQueue<Object> queue = new ProcessQueue<>(2);
    queue.put(1);
    Thread thread = new Thread();
    for (Object bad : List.of(thread, new Wrapper(thread), List.of(1, new Wrapper(thread)))) {
      assertThrows(SerializationException.class, () -> queue.put(bad));
      assertThrows(SerializationException.class, () -> queue.offer(bad));
      assertThrows(SerializationException.class, () -> queue.offer(bad, 1, TimeUnit.SECONDS));
    }
    assertEquals(1, queue.size());
    assertEquals(1, queue.remainingCapacity());
    queue.put(2);
    assertEquals(1, queue.take());
    assertEquals(2, queue.take());
  }

  /** Travels, and does not arrive. */
  private static final class Undecodable implements Serializable {
    @SuppressWarnings("unused")
    private final int number = 1;

    private void readObject(ObjectInputStream in) throws IOException {
      throw new IOException("never");
    }
  }

  @Test
  void anUndecodableElementFailsInTakeAndIsGone() throws InterruptedException {
    ProcessQueue<Object> queue = new ProcessQueue<>(2);
    queue.put(new Undecodable());
    queue.put("after");
    assertThrows(SerializationException.class, () -> queue.peek());
    assertEquals(2, queue.size());
    assertThrows(SerializationException.class, queue::take);
    assertEquals("after", queue.take());
    assertEquals(2, queue.remainingCapacity());
  }

  @Test
  void anUndecodableElementIsNotInTheWayOfOthers() throws InterruptedException {
    ProcessQueue<Object> queue = new ProcessQueue<>();
    queue.put("before");
    queue.put(new Undecodable());
    queue.put("after");
    assertEquals("before", queue.take());
    queue.clear();
    assertTrue(queue.isEmpty());
  }

  @Test
  void carriesHugeElements() throws InterruptedException {
    ProcessQueue<byte[]> queue = new ProcessQueue<>();
    byte[] huge = new byte[64 * MEBIBYTE];
    new Random(1).nextBytes(huge);
    ProcessQueue<Long> sums = new ProcessQueue<>();
    ChildProcess child =
        start(
            () -> {
              byte[] received = queue.take();
              sums.put(sum(received));
              queue.put(received);
            });
    queue.put(huge);
    assertEquals(sum(huge), sums.take());
    assertEquals(sum(huge), sum(queue.take()));
    Children.joinAll(child);
  }

  private static long sum(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return crc.getValue();
  }

  @Test
  void holdsAMillionElements() throws InterruptedException {
    ProcessQueue<Integer> queue = new ProcessQueue<>();
    ChildProcess child =
        start(
            () -> {
              for (int i = 0; i < 1_000_000; i++) {
                queue.put(i);
              }
            });
    Children.joinAll(child); // it ends though nobody has taken anything
    assertEquals(1_000_000, queue.size());
    for (int i = 0; i < 1_000_000; i++) {
      assertEquals(i, queue.take().intValue());
    }
    assertTrue(queue.isEmpty());
  }

  // --- several processes ---

  private record Parcel(int producer, int number, byte[] content, long sum)
      implements Serializable {}

  @Test
  void losesAndRepeatsNothing() throws InterruptedException {
    int producers = 4;
    int each = 20_000;
    ProcessQueue<Parcel> queue = new ProcessQueue<>(1_000);
    ProcessQueue<long[]> counts = new ProcessQueue<>();
    List<ChildProcess> children = new ArrayList<>();
    for (int p = 0; p < producers; p++) {
      int producer = p;
      children.add(
          start(
              () -> {
                Random random = new Random(producer);
                for (int number = 0; number < each; number++) {
                  int dice = random.nextInt(1_000);
                  int bound = dice < 5 ? 100 * 1024 : dice < 100 ? 6_000 : 300;
                  byte[] content = new byte[1 + random.nextInt(bound)];
                  random.nextBytes(content);
                  queue.put(new Parcel(producer, number, content, sum(content)));
                }
              }));
    }
    for (int c = 0; c < 2; c++) {
      children.add(start(() -> counts.put(consume(queue, producers))));
    }
    for (ChildProcess child : children.subList(0, producers)) {
      Children.joinAll(child);
    }
    queue.shutdown();
    long[] total = new long[2 * producers];
    for (int c = 0; c < 2; c++) {
      long[] count = counts.take();
      Arrays.setAll(total, i -> total[i] + count[i]);
      Children.joinAll(children.get(producers + c));
    }
    for (int p = 0; p < producers; p++) {
      assertEquals(each, total[p], "elements of producer " + p);
      assertEquals(each * (each - 1L) / 2, total[producers + p], "sum of their numbers");
    }
  }

  /** For each producer how many elements came, then for each the sum of their numbers. */
  private static long[] consume(ProcessQueue<Parcel> queue, int producers)
      throws InterruptedException {
    long[] count = new long[2 * producers];
    int[] next = new int[producers];
    try {
      while (true) {
        Parcel parcel = queue.take();
        if (parcel.sum() != sum(parcel.content())) {
          throw new AssertionError("damaged: " + parcel);
        }
        if (parcel.number() < next[parcel.producer()]) {
          throw new AssertionError("out of order: " + parcel);
        }
        next[parcel.producer()] = parcel.number() + 1;
        count[parcel.producer()]++;
        count[producers + parcel.producer()] += parcel.number();
      }
    } catch (ShutdownException e) {
      return count;
    }
  }

  @Test
  void theCapacityHoldsForAllProcessesTogether() throws InterruptedException {
    ProcessQueue<Integer> queue = new ProcessQueue<>(3);
    SerializableRunnable produce =
        () -> {
          for (int i = 0; i < 1_000; i++) {
            queue.put(i);
          }
        };
    ChildProcess[] children = {start(produce), start(produce)};
    for (int i = 0; i < 2_000; i++) {
      assertTrue(queue.toArray().length <= 3);
      queue.take();
    }
    Children.joinAll(children);
    assertTrue(queue.isEmpty());
  }

  @Test
  void pingPong() throws InterruptedException {
    ProcessQueue<Integer> there = new ProcessQueue<>();
    ProcessQueue<Integer> back = new ProcessQueue<>();
    ChildProcess child =
        start(
            () -> {
              for (int i = 0; i < 5_000; i++) {
                back.put(there.take() + 1);
              }
            });
    for (int i = 0; i < 5_000; i++) {
      there.put(i);
      assertEquals(i + 1, back.take());
    }
    Children.joinAll(child);
  }

  private record Mail(ProcessQueue<String> replyTo, Map<String, ProcessQueue<String>> copies)
      implements Serializable {}

  @Test
  void aQueueTravelsThroughAQueue() throws InterruptedException {
    ProcessQueue<Mail> queue = new ProcessQueue<>();
    ProcessQueue<String> reply = new ProcessQueue<>();
    ProcessQueue<String> copy = new ProcessQueue<>();
    queue.put(new Mail(reply, Map.of("copy", copy)));
    Children.run(
        method,
        () -> {
          Mail mail = queue.take();
          mail.replyTo().put("reply");
          Objects.requireNonNull(mail.copies().get("copy")).put("copy");
        });
    assertEquals("reply", reply.take());
    assertEquals("copy", copy.take());
  }

  @Test
  void aQueueTravelsThroughItself() throws InterruptedException {
    ProcessQueue<Object> queue = new ProcessQueue<>();
    queue.put(queue);
    Children.run(
        method,
        () -> {
          @SuppressWarnings("unchecked")
          ProcessQueue<Object> same = (ProcessQueue<Object>) queue.take();
          same.put("here");
        });
    assertEquals("here", queue.take());
  }

  @Test
  void aQueueOfADeadChildLivesOn() throws InterruptedException {
    ProcessQueue<ProcessQueue<Integer>> queues = new ProcessQueue<>();
    Children.run(
        method,
        () -> {
          ProcessQueue<Integer> its = new ProcessQueue<>();
          for (int i = 0; i < 2_000; i++) {
            its.put(i);
          }
          queues.put(its);
        });
    ProcessQueue<Integer> left = queues.take();
    assertEquals(2_000, left.size());
    for (int i = 0; i < 2_000; i++) {
      assertEquals(i, left.take());
    }
  }

  @Test
  @Proves({186, 213})
  void aGrandchildUsesIt() throws InterruptedException {
    StartMethod same = method;
    ProcessQueue<String> queue = new ProcessQueue<>();
    Children.run(
        method,
        () -> {
          queue.put("child");
          Children.run(same, () -> queue.put("grandchild"));
        });
    assertEquals("child", queue.take());
    assertEquals("grandchild", queue.take());
  }

  /** Uses a queue while its class is being initialized. */
  private static final class UsesItAtOnce {
    private static volatile @Nullable ProcessQueue<String> queue;
    private static @Nullable String taken;

    private static final class Initialized {
      static final int DONE;

      static {
        ProcessQueue<String> its = java.util.Objects.requireNonNull(queue);
        try {
          its.put("put");
          taken = its.poll(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
        DONE = 1;
      }
    }
  }

  @Test
  @Proves(38)
  void canBeUsedInAStaticInitializer() {
    UsesItAtOnce.queue = new ProcessQueue<>();
    assertEquals(1, UsesItAtOnce.Initialized.DONE);
    assertEquals("put", UsesItAtOnce.taken);
  }

  // --- deaths ---

  @Test
  void aWaiterThatIsKilledHarmsNobody() throws InterruptedException {
    ProcessQueue<Integer> queue = new ProcessQueue<>(1);
    ProcessSemaphore waits = new ProcessSemaphore(0);
    List<ChildProcess> waiters = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      waiters.add(
          start(
              () -> {
                waits.release();
                queue.take();
              }));
    }
    waits.acquire();
    waits.acquire();
    Thread.sleep(100);
    for (ChildProcess waiter : waiters) {
      Children.kill(waiter);
    }
    queue.put(1);
    assertEquals(1, queue.take());
    queue.put(2);
    waiters.clear();
    for (int i = 0; i < 2; i++) {
      waiters.add(
          start(
              () -> {
                waits.release();
                queue.put(3);
              }));
    }
    waits.acquire();
    waits.acquire();
    Thread.sleep(100);
    for (ChildProcess waiter : waiters) {
      Children.kill(waiter);
    }
    assertEquals(2, queue.take());
    assertNull(queue.poll());
    queue.put(4);
    assertEquals(4, queue.take());
  }

  @Test
  void whatADeadProducerHasPutIsThere() throws InterruptedException {
    ProcessQueue<Integer> queue = new ProcessQueue<>();
    ChildProcess producer =
        start(
            () -> {
              for (int i = 0; true; i++) {
                queue.put(i);
              }
            });
    Children.await(() -> queue.size() > 1_000);
    Children.kill(producer);
    int count = queue.size();
    assertTrue(count > 1_000);
    int taken = 0;
    for (Integer each = queue.poll(); each != null; each = queue.poll()) {
      assertEquals(taken++, each);
    }
    assertTrue(taken == count || taken == count + 1, taken + " of " + count);
  }
}
