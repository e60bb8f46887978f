package multiprocessing.internal.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the whole of a heap, block by block and list by list, and fails where a rule is hurt.
 */
final class HeapWalk {
  private final MemorySegment memory;
  private final Heap heap;
  private final Block blocks;
  private final long head;
  private final long start;
  private final Set<Long> free = new HashSet<>();
  private final Set<Long> used = new HashSet<>();
  private long usedBlocks;
  private long usedBytes;
  private long residentBytes;

  private HeapWalk(TreeMemory memory) {
    this.memory = memory.segment();
    this.heap = (Heap) field(TreeMemory.class, memory, "heap");
    this.blocks = heap.blocks();
    this.head = (long) field(Heap.class, heap, "head");
    this.start = (long) field(Heap.class, heap, "start");
  }

  /**
   * What a heap holds.
   *
   * @param usedBlocks number of blocks in use
   * @param usedBytes their size, headers included
   * @param freeBlocks number of blocks that are free
   */
  record Result(long usedBlocks, long usedBytes, long freeBlocks) {}

  /** Checks the heap, which goes on being used by others before and after. */
  static Result of(TreeMemory memory) {
    HeapWalk walk = new HeapWalk(memory);
    walk.heap.lock();
    try {
      walk.walkRow();
      walk.walkLists();
      walk.walkHomes();
    } finally {
      walk.heap.unlock(true);
    }
    return new Result(walk.usedBlocks, walk.usedBytes, walk.free.size());
  }

  /** Takes all that is free, so that the heap must grow for whoever comes next. */
  static List<Long> fill(TreeMemory memory) {
    HeapWalk walk = new HeapWalk(memory);
    walk.heap.lock();
    try {
      walk.walkRow();
    } finally {
      walk.heap.unlock(true);
    }
    return walk.free.stream()
        .map(block -> memory.allocate(walk.blocks.size(block) - Block.HEADER_BYTES))
        .toList();
  }

  private void walkRow() {
    long top = headField("TOP");
    long below = 0;
    for (long block = start; block < top; block += blocks.size(block)) {
      long size = blocks.size(block);
      String name = "block " + Long.toHexString(block) + " of " + size + " bytes";
      assertTrue(size >= Block.SMALLEST && size % Block.UNIT == 0, name + ": its size");
      assertTrue(size <= top - block, name + " ends beyond the top");
      assertTrue(blocks.state(block) <= Block.HOLLOW, name + ": its state");
      assertEquals(below, blocks.lower(block), name + ": the block below it");
      if (blocks.isFree(block)) {
        assertFalse(
            below != 0 && blocks.state(below) == blocks.state(block),
            name + " and the one below are free, and of one kind");
        free.add(block);
        residentBytes += blocks.state(block) == Block.FREE ? size : 0;
      } else {
        used.add(block);
        usedBlocks++;
        usedBytes += size;
      }
      below = block;
    }
    assertEquals(below, headField("LAST"), "the last block");
    assertEquals(residentBytes, headField("RESIDENT"), "free bytes that have their pages");
    assertEquals(usedBytes, heap.usedBytes(), "used bytes");
  }

  private void walkLists() {
    Set<Long> listed = new HashSet<>();
    walkLists("BINS", Block.FREE, listed);
    walkLists("HOLLOW_BINS", Block.HOLLOW, listed);
    assertEquals(free, listed, "free blocks, and those in a list");
  }

  private void walkLists(String name, int state, Set<Long> listed) {
    long bins = head + (long) field(Heap.class, null, name);
    int bitmapWords = (int) field(Bins.class, null, "BITMAP_WORDS");
    int count = (int) field(Bins.class, null, "COUNT");
    for (int bin = 0; bin < count; bin++) {
      boolean marked = (word(bins + (bin >>> 6) * 8L) & 1L << bin) != 0;
      long previous = 0;
      for (long block = word(bins + (bitmapWords + bin) * 8L);
          block != 0;
          block = blocks.next(block)) {
        assertTrue(free.contains(block), "a block in a list that is no free block of the row");
        assertEquals(state, blocks.state(block), "the state of a block in a list");
        assertTrue(listed.add(block), "a block that is listed twice");
        assertEquals(previous, blocks.previous(block), "the block before it in its list");
        assertEquals(bin, binOf(blocks.size(block)), "the list of a block");
        previous = block;
      }
      assertEquals(previous != 0, marked, "the mark of list " + bin);
    }
  }

  private void walkHomes() {
    Set<Long> listed = new HashSet<>();
    for (long home : used) {
      long previous = 0;
      for (long block = blocks.first(home); block != 0; block = blocks.next(block)) {
        assertEquals(home, blocks.home(block), "the home of a block that is listed there");
        assertEquals(previous, blocks.previous(block), "the block before it in its list");
        assertTrue(listed.add(block), "a block that is listed twice");
        previous = block;
      }
    }
    Set<Long> wanted = new HashSet<>(used);
    wanted.removeIf(block -> blocks.home(block) == 0);
    assertEquals(wanted, listed, "blocks that have a home, and those in a list of one");
  }

  private long headField(String name) {
    return word(head + (long) field(Heap.class, null, name));
  }

  private long word(long at) {
    return memory.get(ValueLayout.JAVA_LONG, at);
  }

  private static int binOf(long size) {
    try {
      var method = Bins.class.getDeclaredMethod("bin", long.class);
      method.setAccessible(true);
      return (int) method.invoke(null, size);
    } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  /** The layout is the allocator's own secret, but for this. */
  static Object field(Class<?> type, @Nullable Object object, String name) {
    try {
      Field field = type.getDeclaredField(name);
      field.setAccessible(true);
      return field.get(object);
    } catch (NoSuchFieldException | IllegalAccessException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }
}
