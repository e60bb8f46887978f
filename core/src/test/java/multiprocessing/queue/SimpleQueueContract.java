package multiprocessing.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import multiprocessing.Multiprocessing;
import multiprocessing.error.SerializationException;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;
import multiprocessing.sync.ProcessEvent;
import multiprocessing.testing.Children;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;

/** What a simple queue does, however the processes that use it are started. */
abstract class SimpleQueueContract extends QueueSuite {
  SimpleQueueContract(StartMethod method) {
    super(method);
  }

  @Test
  @Proves(228)
  void givesWhatAnotherProcessPut() throws InterruptedException {
    SimpleQueue<Object> queue = Multiprocessing.context(method).simpleQueue();
    assertTrue(queue.isEmpty());
    ProcessEvent goOn = new ProcessEvent();
    ChildProcess child =
        Children.start(
            method,
            () -> {
              goOn.await();
              queue.put(true);
              queue.put("second");
            });
    assertTrue(queue.isEmpty());
    goOn.set();
    Children.await(() -> !queue.isEmpty());
    assertEquals(true, queue.get());
    assertEquals("second", queue.get());
    assertTrue(queue.isEmpty());
    Children.joinAll(child);
  }

  @Test
  @Proves({227, 229, 230})
  void closedItCanDoNothing() {
    SimpleQueue<Integer> queue = new SimpleQueue<>();
    queue.put(1);
    queue.close();
    queue.close();
    assertThrows(IllegalStateException.class, () -> queue.put(1));
    assertThrows(IllegalStateException.class, queue::get);
    IllegalStateException thrown = assertThrows(IllegalStateException.class, queue::isEmpty);
    assertTrue(String.valueOf(thrown.getMessage()).contains("closed"), "" + thrown);
  }

  @Test
  void travelsAndIsTheSame() throws InterruptedException {
    SimpleQueue<Object> queue = new SimpleQueue<>();
    queue.put(queue);
    Children.run(
        method,
        () -> {
          SimpleQueue<?> same = (SimpleQueue<?>) queue.get();
          same.close(); // for the child only
        });
    queue.put(1);
    assertEquals(1, queue.get());
    assertTrue(queue.toString().startsWith("SimpleQueue@"), queue.toString());
  }

  @Test
  @SuppressWarnings("NullAway") // that is what is tested
  void refusesWhatCannotTravel() throws InterruptedException {
    SimpleQueue<Object> queue = new SimpleQueue<>();
    assertThrows(NullPointerException.class, () -> queue.put(null));
    assertThrows(SerializationException.class, () -> queue.put(new Thread()));
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, queue::get);
    assertFalse(Thread.interrupted());
    for (int i = 0; i < 1_000; i++) {
      queue.put(new byte[1_000]); // nobody has to take anything
    }
    assertFalse(queue.isEmpty());
  }
}
