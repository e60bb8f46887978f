package multiprocessing.internal.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of blocks when their owners and holders let go or die. */
@ProcessTest
class EstateTest {
  private static final long BYTES = 32 * 1024 * 1024;

  private final TwoProcesses processes = new TwoProcesses(BYTES);
  private final TreeMemory owner = processes.first();
  private final TreeMemory other = processes.second();
  private long usedBefore;

  @BeforeEach
  void haveAPageForWhatIsHeld() {
    for (TreeMemory memory : List.of(owner, other)) {
      long block = sent(memory);
      long entry = memory.estate().hold(block, memory.estate().stamp(block));
      memory.estate().release(block);
      memory.estate().drop(block, entry);
    }
    usedBefore = HeapWalk.of(owner).usedBytes();
  }

  @AfterEach
  void close() {
    processes.close();
  }

  private static long sent(TreeMemory memory) {
    long block = memory.allocate(100);
    memory.estate().export(block);
    return block;
  }

  private long hold(long block) {
    long entry = other.estate().hold(block, other.estate().stamp(block));
    assertNotEquals(0, entry);
    return entry;
  }

  private void assertAllGone() {
    assertEquals(usedBefore, HeapWalk.of(other).usedBytes());
  }

  private void assertSomethingLeft() {
    assertNotEquals(usedBefore, HeapWalk.of(other).usedBytes());
  }

  @Test
  void aBlockNeverSentEndsWithItsOwnersInterest() {
    owner.estate().release(owner.allocate(100));
    assertAllGone();
  }

  @Test
  void aBlockOnItsWayStays() {
    long block = sent(owner);
    owner.estate().release(block);
    assertSomethingLeft();
    long entry = hold(block);
    assertSomethingLeft();
    other.estate().drop(block, entry);
    assertAllGone();
  }

  @Test
  void aBlockThatIsHeldOutlivesItsOwnersInterest() {
    long block = sent(owner);
    long one = hold(block);
    long two = hold(block);
    owner.estate().release(block);
    other.estate().drop(block, one);
    assertSomethingLeft();
    other.estate().drop(block, two);
    assertAllGone();
  }

  @Test
  void aBlockOutlivesItsHolder() {
    long block = sent(owner);
    other.estate().drop(block, hold(block));
    assertSomethingLeft();
    owner.estate().release(block);
    assertAllGone();
  }

  @Test
  void whatWasPutIntoABlockEndsWithIt() {
    long container = sent(owner);
    for (int i = 0; i < 100; i++) {
      owner.give(owner.allocate(i * 100L), container);
    }
    long entry = hold(container);
    owner.estate().release(container);
    assertEquals(101, HeapWalk.of(owner).usedBlocks() - 2); // and a page for each process
    other.estate().drop(container, entry);
    assertAllGone();
  }

  @Test
  void whatWasTakenOutOfABlockOutlivesIt() {
    long container = owner.allocate(100);
    long content = owner.allocate(100);
    owner.give(content, container);
    other.adopt(content);
    owner.estate().release(container);
    assertSomethingLeft();
    other.free(content);
    assertAllGone();
  }

  @Test
  void aReportTellsWhoseABlockIsAndWhoHoldsIt() {
    long pid = ProcessHandle.current().pid();
    String me = "process " + pid;
    long container = sent(owner);
    owner.give(owner.allocate(1_000), container);
    long entry = hold(container);
    owner.estate().release(container);
    List<BlockUse> uses = owner.uses();
    assertEquals(2, uses.stream().filter(BlockUse::isPage).count());
    List<BlockUse> others = uses.stream().filter(use -> !use.isPage()).toList();
    assertEquals(
        List.of(
            "of " + me + ", with others in it, sent, arrived, released, held by " + me,
            "in block " + others.getFirst().name()),
        others.stream().map(BlockUse::why).toList());
    assertTrue(others.getLast().toString().contains(" of 1088 bytes, in block "));
    other.estate().drop(container, entry);
    assertAllGone();
  }

  @Test
  void theDeadOwnNothing() {
    owner.allocate(100);
    owner.allocate(100_000);
    long container = owner.allocate(100);
    owner.give(owner.allocate(100), container);
    processes.firstDiesAndIsMourned();
    assertEquals(1, HeapWalk.of(other).usedBlocks(), "the other one's page of what it holds");
  }

  @Test
  void whatTheDeadHadSentOutlivesThem() {
    long held = sent(owner);
    long onItsWay = sent(owner);
    long entry = hold(held);
    processes.firstDiesAndIsMourned();
    assertEquals(3, HeapWalk.of(other).usedBlocks());
    other.estate().drop(held, entry);
    other.estate().drop(onItsWay, hold(onItsWay));
    assertEquals(1, HeapWalk.of(other).usedBlocks());
  }

  @Test
  void theDeadHoldNothing() {
    long block = sent(other);
    long entry = owner.estate().hold(block, owner.estate().stamp(block));
    assertNotEquals(0, entry);
    other.estate().release(block);
    processes.firstDiesAndIsMourned();
    assertEquals(1, HeapWalk.of(other).usedBlocks());
  }

  @Test
  void theDeadHoldNothingEvenBeforeTheyAreMourned() {
    long block = sent(other);
    assertNotEquals(0, owner.estate().hold(block, owner.estate().stamp(block)));
    processes.firstDies();
    other.estate().release(block);
    assertEquals(2, HeapWalk.of(other).usedBlocks(), "the pages of what the two hold");
    processes.firstDiesAndIsMourned();
    assertEquals(1, HeapWalk.of(other).usedBlocks());
  }

  @Test
  void manyHolds() {
    List<Long> blocks = new ArrayList<>();
    List<Long> entries = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      blocks.add(sent(owner));
      entries.add(hold(blocks.get(i)));
    }
    blocks.forEach(owner.estate()::release);
    assertEquals(1_000 + 1 + 16, HeapWalk.of(owner).usedBlocks());
    for (int i = 0; i < 1_000; i++) {
      other.estate().drop(blocks.get(i), entries.get(i));
    }
    assertEquals(1 + 16, HeapWalk.of(owner).usedBlocks(), "pages of 63 entries");
  }

  /** A block of the random test, and who has it. */
  private static final class Model {
    final long offset;
    final long stamp;
    final boolean ownedByFirst;
    boolean exported;
    boolean arrived;
    boolean released;
    final List<Long> entriesOfFirst = new ArrayList<>();
    final List<Long> entriesOfSecond = new ArrayList<>();

    Model(TreeMemory memory, boolean ownedByFirst) {
      offset = memory.allocate(10);
      stamp = memory.estate().stamp(offset);
      this.ownedByFirst = ownedByFirst;
    }

    boolean isGone() {
      return released
          && (!exported || (arrived && entriesOfFirst.isEmpty() && entriesOfSecond.isEmpty()));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void doesWhatTheModelDoes(long seed) {
    Random random = new Random(seed);
    List<Model> blocks = new ArrayList<>();
    for (int step = 0; step < 5_000; step++) {
      boolean asFirst = random.nextBoolean();
      if (blocks.size() < 20) {
        blocks.add(new Model(asFirst ? owner : other, asFirst));
      }
      Model block = blocks.get(random.nextInt(blocks.size()));
      act(random.nextInt(4), asFirst, block);
      if (block.isGone()) {
        blocks.remove(block);
        assertEquals(0, owner.estate().hold(block.offset, block.stamp), "it should be gone");
      }
    }
    long pages = HeapWalk.of(owner).usedBlocks() - blocks.size();
    assertEquals(true, pages >= 2 && pages <= 10, pages + " pages of what is held");
  }

  private void act(int action, boolean asFirst, Model block) {
    TreeMemory memory = asFirst ? owner : other;
    TreeMemory itsOwner = block.ownedByFirst ? owner : other;
    List<Long> entries = asFirst ? block.entriesOfFirst : block.entriesOfSecond;
    switch (action) {
      case 0 -> {
        if (!block.released) {
          itsOwner.estate().export(block.offset);
          block.exported = true;
        }
      }
      case 1 -> {
        if (block.exported && entries.size() < 5) {
          long entry = memory.estate().hold(block.offset, block.stamp);
          assertNotEquals(0, entry, "it should be there");
          entries.add(entry);
          block.arrived = true;
        }
      }
      case 2 -> {
        if (!entries.isEmpty()) {
          memory.estate().drop(block.offset, entries.removeLast());
        }
      }
      default -> {
        if (!block.released) {
          itsOwner.estate().release(block.offset);
          block.released = true;
        }
      }
    }
  }
}
