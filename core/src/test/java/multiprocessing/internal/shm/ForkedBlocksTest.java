package multiprocessing.internal.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;
import multiprocessing.sync.ProcessEvent;
import multiprocessing.testing.Children;
import multiprocessing.testing.ProcessTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A fork has an object for a block that its parent made at the last moment, and does not hold the
 * block: by the time that the fork is forked in its turn, the place is another block's.
 */
@ProcessTest
final class ForkedBlocksTest {
  private static final TreeMemory MEMORY = TreeMemory.get();
  private static final int BYTES = 30_000;

  /** Here, to be in the heap of the fork. */
  private static volatile @Nullable SharedBlock late;

  /** Stands for a thread that makes a block while its process is about to be forked. */
  private static final class LastMoment extends OutputStream {
    @Override
    public void write(int b) {}

    @Override
    public void flush() {
      if (late == null) {
        late = SharedBlock.create(BYTES);
      }
    }
  }

  @Test
  void whatAForkDoesNotHoldItDoesNotPassOn() throws Exception {
    ProcessEvent isReused = new ProcessEvent();
    PrintStream out = System.out;
    ChildProcess child;
    System.setOut(new PrintStream(new LastMoment(), false, StandardCharsets.UTF_8));
    try {
      child =
          Children.start(
              StartMethod.FORK,
              () -> {
                isReused.await();
                assertTrue(late != null);
                Children.run(StartMethod.FORK, () -> {});
                SharedBlock.Handle _ = late.export();
              });
    } finally {
      System.setOut(out);
    }
    SharedBlock before = late;
    assertTrue(before != null);
    before.close();
    SharedBlock after = SharedBlock.create(BYTES);
    assertEquals(before.offset(), after.offset(), "this wants the place to be used again");
    isReused.set();
    Children.joinAll(child);
    after.close();
    String place = Long.toHexString(after.offset()) + ".";
    assertEquals(
        List.of(),
        MEMORY.uses().stream().filter(use -> use.name().startsWith(place)).toList(),
        "the fork has marked the block of another one as sent");
  }
}
