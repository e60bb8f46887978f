package multiprocessing.manager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import multiprocessing.error.ProcessException;
import multiprocessing.internal.shm.TreeMemory;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;
import multiprocessing.testing.Children;
import multiprocessing.testing.MayOutlive;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How calls and answers get from process to process, whatever started these. */
@ProcessTest
@MayOutlive("socket:.*") // a process keeps idle connections to the manager for later calls
final class ChannelTest {
  private static final int LARGE = 1 << 20;

  private static Manager start(StartMethod method) {
    return Manager.builder().startMethod(method).start();
  }

  @ParameterizedTest
  @EnumSource(StartMethod.class)
  void messagesOfAnySizeTravel(StartMethod method) throws Exception {
    try (Manager manager = start(method)) {
      ManagedValue<byte[]> value = manager.value(new byte[0]);
      Children.run(
          method,
          () -> {
            for (int pauseMillis = 0; pauseMillis < 6; pauseMillis += 3) {
              for (int size = 1; size <= LARGE; size *= 2) {
                for (int more = 0; more < 256; more += 51) {
                  byte[] sent = new byte[size + more];
                  Arrays.fill(sent, (byte) size);
                  value.set(sent);
                  Thread.sleep(pauseMillis); // lets the server fall asleep, or not
                  assertArrayEquals(sent, value.get());
                }
              }
            }
          });
      assertEquals(LARGE + 255, Objects.requireNonNull(value.get()).length);
    }
  }

  @ParameterizedTest
  @EnumSource(StartMethod.class)
  void anInterruptThatComesLateHarmsNoOtherCall(StartMethod method) throws Exception {
    try (Manager manager = start(method)) {
      ManagedQueue<String> queue = manager.queue();
      for (int i = 0; i < 200; i++) {
        int micros = i % 10 * 20;
        CountDownLatch sent = new CountDownLatch(1);
        FutureTask<String> calls =
            new FutureTask<>(
                () -> {
                  try {
                    assertNull(queue.poll(micros, TimeUnit.MICROSECONDS));
                  } catch (InterruptedException e) {
                    // it came in time
                  }
                  awaitInterrupt(sent);
                  return queue.poll(1, TimeUnit.MILLISECONDS);
                });
        Thread caller = Thread.ofPlatform().start(calls);
        Thread.sleep(0, micros * 500);
        caller.interrupt();
        sent.countDown();
        assertNull(calls.get());
      }
    }
  }

  private static void awaitInterrupt(CountDownLatch sent) {
    while (sent.getCount() > 0) {
      Thread.onSpinWait();
    }
    boolean _ = Thread.interrupted();
  }

  @ParameterizedTest
  @EnumSource(StartMethod.class)
  void aServerThatDiesIsNoticedInTheMiddleOfCalls(StartMethod method) throws Exception {
    try (Manager manager = start(method)) {
      ManagedMap<String, Integer> map = manager.map();
      CountDownLatch calling = new CountDownLatch(2);
      FutureTask<ProcessException> calls =
          new FutureTask<>(
              () ->
                  assertThrows(
                      ProcessException.class,
                      () -> {
                        for (int i = 0; ; i++) {
                          map.put("key", i);
                          calling.countDown();
                        }
                      }));
      Thread.ofPlatform().start(calls);
      calling.await();
      Objects.requireNonNull(manager.process()).kill();
      ProcessException _ = calls.get();
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "IN_PROCESS")
  void clientsThatEndOrDieGiveTheirMemoryBack(StartMethod method) throws Exception {
    try (Manager manager = start(method)) {
      ManagedMap<String, Integer> map = manager.map();
      endOrDie(method, map, 1);
      long before = TreeMemory.get().usedBytes();
      endOrDie(method, map, 6);
      Children.await(() -> TreeMemory.get().usedBytes() < before + Mailbox.BYTES);
      assertEquals(2, map.size());
    }
  }

  private static void endOrDie(StartMethod method, ManagedMap<String, Integer> map, int times)
      throws InterruptedException {
    for (int i = 0; i < times; i++) {
      map.clear();
      Children.run(method, () -> map.put("ended", 1));
      ChildProcess dying =
          Children.start(
              method,
              () -> {
                for (int j = 0; ; j++) {
                  map.put("dying", j);
                }
              });
      Children.await(() -> map.containsKey("dying"));
      Children.kill(dying);
    }
  }
}
