package multiprocessing.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import multiprocessing.error.ProcessException;
import multiprocessing.error.StartException;
import multiprocessing.process.ProcessInfo;
import multiprocessing.process.StartMethod;
import multiprocessing.testing.Children;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;

/** Servers of managers: what they serve, and how long; whatever started the processes. */
abstract class ManagerServerContract extends ManagerSuite {
  ManagerServerContract(StartMethod method) {
    super(method);
  }

  @Test
  void objectsGoWhenNobodyHasThem() throws Exception {
    try (Manager own = builder().start()) {
      ManagedList<Object> kept = own.list();
      int before = own.objectCount();
      makeAndForget(own, kept);
      inChild(() -> assertEquals(0, kept.size()));
      Children.await(
          () -> {
            System.gc();
            return own.objectCount() == before;
          });
      assertTrue(kept.isEmpty());
      end(own);
    }
  }

  private static void makeAndForget(Manager manager, ManagedList<Object> kept) {
    for (int i = 0; i < 10; i++) {
      kept.add(manager.map());
    }
    kept.clear();
  }

  /** An interface of the user's. */
  public interface Calculator {
    int add(int a, int b);

    void fail(String why) throws IOException;

    long pid();

    /** Another one, which stays in the server. */
    Calculator sibling();

    default int twice(int a) {
      return add(a, a);
    }
  }

  /** What is behind it. */
  static final class Adder implements Calculator {
    private int calls;

    @Override
    public int add(int a, int b) {
      calls++;
      return a + b;
    }

    @Override
    public void fail(String why) throws IOException {
      throw new IOException(why);
    }

    @Override
    public long pid() {
      return ProcessInfo.current().pid().orElseThrow();
    }

    @Override
    public Calculator sibling() {
      return new Adder();
    }

    @Override
    public String toString() {
      return "Adder after " + calls + " calls";
    }
  }

  @Test
  @Proves({123, 124, 125})
  void typesOfTheUsersOwnAreServed() throws Exception {
    try (Manager own = builder().register(Calculator.class, Adder::new).start()) {
      Calculator calculator = own.create(Calculator.class);
      assertEquals(5, calculator.add(2, 3));
      assertEquals(8, calculator.twice(4));
      assertNotEquals(ProcessHandle.current().pid(), calculator.pid());
      assertEquals("Adder after 2 calls", calculator.toString());
      IOException thrown = assertThrows(IOException.class, () -> calculator.fail("as asked"));
      assertEquals("as asked", thrown.getMessage());
      Calculator sibling = calculator.sibling();
      assertEquals(calculator.pid(), sibling.pid());
      inChild(() -> assertEquals(1, calculator.add(1, 0)));
      assertEquals("Adder after 3 calls", calculator.toString());
      assertThrows(IllegalArgumentException.class, () -> own.register(Adder.class, Adder::new));
      assertThrows(NoSuchElementException.class, () -> own.create(Runnable.class));
      Iterator<Integer> iterator = own.iterator(() -> List.of(1, 2).iterator());
      assertEquals(1, iterator.next());
      inChild(() -> assertEquals(2, iterator.next()));
      assertFalse(iterator.hasNext());
      end(own);
    }
  }

  @Test
  @Proves(184)
  void theServerRunsItsInitializer() throws Exception {
    try (Manager own =
        builder()
            .initializer(() -> System.setProperty("initialized", "yes"))
            .register(Calculator.class, Adder::new)
            .start()) {
      ManagedValue<String> value = own.value("");
      assertEquals("yes", value.update(each -> System.getProperty("initialized")));
      end(own);
    }
    StartException thrown =
        assertThrows(
            StartException.class,
            () ->
                builder()
                    .initializer(
                        () -> {
                          throw new IllegalStateException("on purpose");
                        })
                    .start());
    assertTrue(String.valueOf(thrown.getMessage()).contains("manager"), thrown.getMessage());
  }

  @Test
  void aKilledServerIsNoticed() throws Exception {
    Manager own = builder().start();
    ManagedQueue<String> queue = own.queue();
    Thread[] waiters = new Thread[3];
    Arrays.setAll(
        waiters,
        i -> Thread.ofPlatform().start(() -> assertThrows(ProcessException.class, queue::take)));
    assertTrue(queue.isEmpty());
    process(own).kill();
    for (Thread waiter : waiters) {
      waiter.join();
    }
    ProcessException thrown = assertThrows(ProcessException.class, queue::size);
    assertTrue(String.valueOf(thrown.getMessage()).contains("manager"), thrown.getMessage());
    own.join();
    assertEquals(Children.KILLED, process(own).exitCode().orElseThrow());
    end(own);
  }
}
