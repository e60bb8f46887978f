package multiprocessing.internal.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serial;
import java.io.Serializable;
import java.lang.foreign.ValueLayout;
import multiprocessing.error.SerializationException;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.process.StartMethod;
import multiprocessing.sync.ProcessSemaphore;
import multiprocessing.testing.Children;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of a block on its way to a child, by the start methods that send the task. */
@ProcessTest
class ShipmentTest {
  private static final long BYTES = 1 << 20;
  private static final int DEPTH = 20_000;

  private final SharedBlock block = SharedBlock.create(BYTES);
  private final SharedBlock.Handle handle = block.export();
  private final Gate gate = new Gate(new ProcessSemaphore(0), new ProcessSemaphore(0));
  private long used;

  /** Stops a child while it takes its task: what comes after this has not arrived yet. */
  @SuppressWarnings("serial")
  private static final class Gate implements Serializable {
    private final ProcessSemaphore reached;
    private final ProcessSemaphore open;

    Gate(ProcessSemaphore reached, ProcessSemaphore open) {
      this.reached = reached;
      this.open = open;
    }

    @Serial
    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
      in.defaultReadObject();
      reached.release();
      open.acquireUninterruptibly();
    }
  }

  /** Something in something in something. */
  private record Nest(Object content) implements Serializable {
    static Nest of(Object content, int depth) {
      Nest nest = new Nest(content);
      for (int i = 1; i < depth; i++) {
        nest = new Nest(nest);
      }
      return nest;
    }

    Object innermost() {
      Object content = this;
      while (content instanceof Nest nest) {
        content = nest.content;
      }
      return content;
    }
  }

  private record Task(Gate gate, Nest nest) implements SerializableRunnable {
    @Override
    public void runChecked() throws Exception {
      SharedBlock arrived = ((SharedBlock.Handle) nest.innermost()).attach();
      assertEquals(7, arrived.segment().get(ValueLayout.JAVA_LONG, arrived.offset()));
    }
  }

  @BeforeEach
  void count() {
    block.segment().set(ValueLayout.JAVA_LONG, block.offset(), 7);
    used = TreeMemory.get().usedBytes();
  }

  private ChildProcess startAndStop(StartMethod method, int depth) throws InterruptedException {
    ChildProcess child = Children.start(method, new Task(gate, Nest.of(handle, depth)));
    gate.reached.acquire();
    return child;
  }

  private void assertGone() {
    long now = TreeMemory.get().usedBytes();
    assertTrue(now <= used - BYTES / 2, "used before: " + used + ", now: " + now);
  }

  @ParameterizedTest
  @EnumSource(names = {"FORKSERVER", "SPAWN"})
  void goesWithAChildThatIsKilledBeforeItTakesIt(StartMethod method) throws Exception {
    ChildProcess child = startAndStop(method, 1);
    block.close();
    Children.kill(child);
    assertGone();
  }

  @ParameterizedTest
  @EnumSource(names = {"FORKSERVER", "SPAWN"})
  void goesWithItFromGreatDepthToo(StartMethod method) throws Exception {
    ChildProcess child = startAndStop(method, DEPTH);
    block.close();
    Children.kill(child);
    assertGone();
  }

  @ParameterizedTest
  @EnumSource(names = {"FORKSERVER", "SPAWN"})
  void arrivesThoughAllOthersHaveLetGo(StartMethod method) throws Exception {
    SharedBlock.Handle sent = handle;
    Children.run(method, () -> sent.attach());
    ChildProcess child = startAndStop(method, 1);
    block.close();
    gate.open.release();
    Children.joinAll(child);
    assertGone();
  }

  @ParameterizedTest
  @EnumSource(names = {"FORKSERVER", "SPAWN"})
  void staysBehindWithATaskThatCannotTravel(StartMethod method) {
    Object[] freight = {handle, Thread.currentThread()};
    assertThrows(
        SerializationException.class,
        () -> Children.start(method, new Task(gate, Nest.of(freight, 1))));
    block.close();
    assertGone();
  }
}
