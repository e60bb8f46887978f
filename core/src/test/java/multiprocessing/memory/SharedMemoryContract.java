package multiprocessing.memory;

import static multiprocessing.memory.SharedMemoryTest.exists;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import multiprocessing.error.SerializationException;
import multiprocessing.process.StartMethod;
import multiprocessing.queue.ProcessQueue;
import multiprocessing.testing.Children;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;

/** What shared memory does between processes, however they are started. */
@ProcessTest
@Deadline(seconds = 40)
abstract class SharedMemoryContract {
  private final StartMethod method;

  SharedMemoryContract(StartMethod method) {
    this.method = method;
  }

  @Test
  @Proves({160, 162, 167, 170})
  void aChildUsesItByNameAndAsObjectAndNeverTakesItAway() throws Exception {
    try (SharedMemory memory = SharedMemory.create(64);
        ShareableList list = ShareableList.of("a", 1)) {
      String name = memory.name();
      Children.run(
          method,
          () -> {
            memory.segment().set(ValueLayout.JAVA_INT, 0, 1);
            try (SharedMemory byName = SharedMemory.attach(name)) {
              byName.segment().set(ValueLayout.JAVA_INT, 4, 2);
            }
            list.set(0, list.get(0) + "b");
            list.set(1, null);
          });
      assertEquals(1, memory.segment().get(ValueLayout.JAVA_INT, 0));
      assertEquals(2, memory.segment().get(ValueLayout.JAVA_INT, 4));
      assertEquals("ab", list.get(0));
      assertEquals(null, list.get(1));
      assertTrue(exists(name));
      memory.unlink();
      list.unlink();
    }
  }

  @Test
  @Proves({161, 168})
  void whatWasUnlinkedCannotArrive() throws Exception {
    ProcessQueue<Object> queue = new ProcessQueue<>();
    try (SharedMemory memory = SharedMemory.create(64);
        ShareableList list = ShareableList.of(1)) {
      queue.put(memory);
      queue.put(list);
      memory.unlink();
      list.unlink();
    }
    for (int i = 0; i < 2; i++) {
      SerializationException thrown = assertThrows(SerializationException.class, queue::take);
      assertTrue(thrown.toString().contains("no such shared memory"), thrown.toString());
    }
  }
}
