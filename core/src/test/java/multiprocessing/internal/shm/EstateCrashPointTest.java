package multiprocessing.internal.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import multiprocessing.memory.SharedArray;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.process.StartMethod;
import multiprocessing.sync.ProcessEvent;
import multiprocessing.testing.Children;
import multiprocessing.testing.CrashPoints;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Lets a process die while it takes hold of a block, lets go of it, or cleans up behind another.
 */
@Tag("crash")
@ProcessTest
@Deadline(seconds = 30)
class EstateCrashPointTest {
  private static final TreeMemory MEMORY = TreeMemory.get();
  private static final int BYTES = 10_000;

  private final ProcessEvent held = new ProcessEvent();
  private final ProcessEvent released = new ProcessEvent();

  /** What names a block, and brings nobody to hold it on its way. */
  private record Name(long tree, long offset, long stamp) implements java.io.Serializable {
    static Name of(SharedBlock block) {
      SharedBlock.Handle handle = block.export();
      return new Name(handle.tree(), handle.offset(), handle.stamp());
    }

    SharedBlock attach() throws Exception {
      return new SharedBlock.Handle(tree, offset, stamp).attach();
    }
  }

  @Test
  void theSourcesNameNoOtherCrashPoints() {
    assertEquals(
        List.of(
            "estate.arriving",
            "estate.dropping",
            "estate.forsaken",
            "estate.shipped",
            "estate.sweeping"),
        CrashPoints.named(place -> place.startsWith("estate.")));
  }

  @Test
  void whoTakesHoldOfWhatNobodyElseHas() throws Exception {
    SharedBlock block = SharedBlock.create(BYTES);
    Name name = Name.of(block);
    block.close();
    assertKilled(CrashPoints.doomed(name::attach, "estate.arriving", 1));
    awaitNoTraceOf(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"estate.forsaken", "heap.freed", "estate.dropping"})
  void whoLetsGoOfWhatNobodyElseHas(String place) throws Exception {
    SharedBlock block = SharedBlock.create(BYTES);
    Name name = Name.of(block);
    MEMORY.give(MEMORY.allocate(BYTES), block.offset());
    ProcessEvent held = this.held;
    ProcessEvent released = this.released;
    ChildProcess child =
        CrashPoints.doomed(
            () -> {
              SharedBlock mine = name.attach();
              held.set();
              released.await();
              mine.close();
            },
            place,
            1);
    held.await();
    block.close();
    released.set();
    assertKilled(child);
    awaitNoTraceOf(name);
  }

  /**
   * It had begun to clean up behind a child of its own, which had something that nobody else has:
   * it was made when both were there, for a fork holds what its parent has.
   */
  @ParameterizedTest
  @ValueSource(strings = {"estate.forsaken", "estate.sweeping"})
  void whoCleansUpBehindTheDead(String place) throws Exception {
    ProcessEvent begun = new ProcessEvent();
    SharedArray.OfLong told = SharedArray.ofLongs(2);
    ProcessEvent named = new ProcessEvent();
    ProcessEvent held = this.held;
    ProcessEvent released = this.released;
    SerializableRunnable grandchild =
        () -> {
          begun.set();
          named.await();
          SharedBlock mine = new Name(MEMORY.tree(), told.get(0), told.get(1)).attach();
          held.set();
          released.await();
          assertEquals(told.get(0), mine.offset());
        };
    ChildProcess child =
        CrashPoints.doomed(() -> Children.run(CrashPoints.startMethod(), grandchild), place, 1);
    begun.await();
    SharedBlock block = SharedBlock.create(BYTES);
    Name name = Name.of(block);
    told.set(0, name.offset());
    told.set(1, name.stamp());
    named.set();
    held.await();
    block.close();
    released.set();
    assertKilled(child);
    awaitNoTraceOf(name);
  }

  /** It was about to be forked, and its child to hold what it has. */
  @Test
  void whoIsForked() throws Exception {
    SharedArray.OfLong told = SharedArray.ofLongs(2);
    assertKilled(
        CrashPoints.doomed(
            () -> {
              SharedBlock mine = SharedBlock.create(BYTES);
              told.set(0, mine.handle().offset());
              told.set(1, mine.handle().stamp());
              Children.run(StartMethod.FORK, () -> {});
              mine.close();
            },
            "estate.shipped",
            1));
    awaitNoTraceOf(new Name(MEMORY.tree(), told.get(0), told.get(1)));
  }

  private static void assertKilled(ChildProcess child) throws InterruptedException {
    assertEquals(Children.KILLED, Children.exitCode(child), "it should have died there");
  }

  /** What the dead had is seen to as soon as their end is known, perhaps a moment after that. */
  private static void awaitNoTraceOf(Name name) throws InterruptedException {
    String mark = SharedBlock.name(name.offset(), name.stamp());
    Children.await(() -> MEMORY.uses().stream().noneMatch(use -> use.toString().contains(mark)));
    HeapWalk.of(MEMORY);
  }
}
