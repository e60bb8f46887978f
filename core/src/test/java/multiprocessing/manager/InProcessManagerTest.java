package multiprocessing.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;
import multiprocessing.testing.Children;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.Test;

/** A manager whose server, and whose clients, are threads of this virtual machine. */
@ProcessTest
final class InProcessManagerTest {
  @Test
  void objectsAreServedToThreads() throws Exception {
    try (Manager manager = Manager.builder().startMethod(StartMethod.IN_PROCESS).start()) {
      ManagedMap<String, Integer> map = manager.map(Map.of("a", 1));
      ManagedList<Object> list = manager.list();
      ManagedQueue<String> queue = manager.queue();
      ManagedLock lock = manager.reentrantLock();
      list.add(map);
      Children.run(
          StartMethod.IN_PROCESS,
          () -> {
            lock.lock();
            try {
              map.merge("a", 1, (x, y) -> x + y);
            } finally {
              lock.unlock();
            }
            queue.put("from the child");
          });
      assertEquals("from the child", queue.take());
      assertEquals(2, map.get("a"));
      assertEquals(List.of(map), list);
      assertFalse(lock.isLocked());
      assertThrows(NoSuchElementException.class, () -> manager.namespace().get("x"));
      ChildProcess server = manager.process();
      assertNotNull(server);
      manager.shutdown();
      assertEquals(0, server.exitCode().orElseThrow());
      assertTrue(manager.toString().contains("closed"));
    }
  }
}
