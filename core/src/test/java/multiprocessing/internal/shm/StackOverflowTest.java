package multiprocessing.internal.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;
import multiprocessing.testing.Children;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.Test;

/** A stack may overflow in the middle of an operation, and its process lives on. */
@ProcessTest
@Deadline(seconds = 30)
class StackOverflowTest {
  @Test
  void anOverflowInsideAnOperationHarmsNobody() throws InterruptedException {
    RecordQueue queue = RecordQueue.create(0);
    SharedBlock.Handle handle = queue.block().export();
    ChildProcess child =
        Children.start(
            StartMethod.SPAWN,
            () -> {
              RecordQueue its = RecordQueue.at(handle.attach());
              for (int i = 0; i < 200; i++) {
                int first = i;
                Thread thread = Thread.ofPlatform().start(() -> overflow(its, first));
                thread.join();
              }
            },
            "-Xss512k");
    Children.joinAll(child);
    HeapWalk.of(TreeMemory.get());
    while (RawBytes.poll(queue) != null) {}
    assertTrue(RawBytes.offer(queue, new byte[10]));
    assertEquals(1, queue.size());
    queue.block().close();
  }

  private static void overflow(RecordQueue queue, int depth) {
    try {
      dig(queue, depth % 16);
    } catch (StackOverflowError e) {
      return;
    }
    throw new AssertionError("no overflow");
  }

  @SuppressWarnings("InfiniteRecursion") // that is what it is for
  private static int dig(RecordQueue queue, int depth) {
    if (depth % 4 == 0) {
      RawBytes.offer(queue, new byte[depth % 64 == 0 ? 5_000 : 100]);
      RawBytes.poll(queue);
    }
    return dig(queue, depth + 1) + 1;
  }
}
