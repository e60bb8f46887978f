package multiprocessing.internal.shm;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import multiprocessing.internal.sync.ProcessTable;

/**
 * Who owns and who holds which block, and what becomes of it when they let go or die.
 *
 * <p>A block that was never sent anywhere ends with its owner. One that was sent may be held by
 * others, or be on its way to them; it ends when its owner has let go (or died) and the last of
 * those who held it has, too. While it is on its way to a child with the task, the parent holds it
 * for the child ({@link Shipment}). If nobody ever arrived to hold it, it stays until the tree
 * ends: a message that carries it may still lie in a queue.
 */
final class Estate {
  private final Heap heap;
  private final Block blocks;
  private final ProcessTable table;
  private final Grasp grasp;

  Estate(MemorySegment memory, Heap heap, ProcessTable table) {
    this.heap = heap;
    this.blocks = heap.blocks();
    this.table = table;
    this.grasp = new Grasp(memory, heap, table);
  }

  /** This process was forked from one of the tree: what that one holds is not its own. */
  void forked() {
    grasp.forked();
  }

  long stamp(long offset) {
    return blocks.stamp(blockAt(offset));
  }

  /** A handle of the block goes out. */
  void export(long offset) {
    blocks.add(blockAt(offset), Block.EXPORTED);
  }

  /** Forks of the owner will have the block without holding it. */
  void bequeath(long offset) {
    blocks.add(blockAt(offset), Block.EXPORTED | Block.BEQUEATHED);
  }

  /** Takes hold of a block of which a handle came in: the entry's place, or 0 if it is gone. */
  long hold(long offset, long stamp) {
    boolean whole = false;
    heap.lock();
    try {
      long block = blockAt(offset);
      long entry = 0;
      if (!blocks.isFree(block) && blocks.stamp(block) == stamp) {
        entry = grasp.hold(block);
        blocks.add(block, Block.WAS_HELD);
      }
      whole = true;
      return entry;
    } finally {
      heap.unlock(whole);
    }
  }

  /** Lets go of a block that this process held by {@code entry}. */
  void drop(long offset, long entry) {
    boolean whole = false;
    heap.lock();
    try {
      grasp.drop(entry);
      freeIfForsaken(blockAt(offset));
      whole = true;
    } finally {
      heap.unlock(whole);
    }
  }

  /** The owner of a block lets go of it. */
  void release(long offset) {
    boolean whole = false;
    heap.lock();
    try {
      releaseLocked(blockAt(offset));
      whole = true;
    } finally {
      heap.unlock(whole);
    }
  }

  private void releaseLocked(long block) {
    if (blocks.has(block, Block.EXPORTED)) {
      blocks.add(block, Block.RELEASED);
      freeIfForsaken(block);
    } else {
      freeWhole(block);
    }
  }

  private void freeIfForsaken(long block) {
    if (!blocks.isFree(block)
        && blocks.has(block, Block.RELEASED)
        && blocks.has(block, Block.WAS_HELD)
        && !blocks.has(block, Block.BEQUEATHED)
        && !grasp.isHeld(block)) {
      freeWhole(block);
    }
  }

  /** Frees a block with all that belongs to it. */
  private void freeWhole(long block) {
    if (!blocks.has(block, Block.CONTAINS)) {
      heap.free(block);
      return;
    }
    LongList contents = new LongList();
    heap.forEachUsed(
        each -> {
          if (blocks.container(each) == block) {
            contents.add(each);
          }
        });
    for (int i = 0; i < contents.size(); i++) {
      heap.free(contents.get(i));
    }
    heap.free(block);
  }

  /**
   * Cleans up behind the process {@code pid}, which is dead, and behind those of its descendants
   * that have died since: they end with their parent, but each a little later.
   */
  void settle(long pid) {
    boolean whole = false;
    heap.lock();
    try {
      int id = table.bury(pid);
      if (id != 0) {
        sweep(id);
      }
      table.forEach(
          other -> {
            int parent = table.parent(other);
            if (parent != 0 && table.isDead(parent) && !table.isAlive(other)) {
              sweep(other);
            }
          });
      whole = true;
    } finally {
      heap.unlock(whole);
    }
  }

  private void sweep(int id) {
    LongList held = grasp.heldBy(id);
    grasp.clear(id);
    for (int i = 0; i < held.size(); i++) {
      freeIfForsaken(held.get(i));
    }
    LongList owned = new LongList();
    heap.forEachUsed(
        block -> {
          if (blocks.owner(block) == id) {
            owned.add(block);
          }
        });
    for (int i = 0; i < owned.size(); i++) {
      releaseLocked(owned.get(i));
    }
    table.forget(id);
  }

  /** What is in use, and why. */
  List<BlockUse> uses() {
    List<BlockUse> uses = new ArrayList<>();
    boolean whole = false;
    heap.lock();
    try {
      Map<Long, String> holders = grasp.holders();
      Set<Long> pages = grasp.pages();
      heap.forEachUsed(
          block ->
              uses.add(
                  new BlockUse(
                      Long.toHexString(block) + "." + blocks.stamp(block),
                      blocks.size(block),
                      pages.contains(block + Block.HEADER_BYTES),
                      describe(block, holders))));
      whole = true;
    } finally {
      heap.unlock(whole);
    }
    return uses;
  }

  private String describe(long block, Map<Long, String> holders) {
    long container = blocks.container(block);
    if (container != 0) {
      return "in block " + Long.toHexString(container) + "." + blocks.stamp(container);
    }
    String flags = blocks.describeFlags(block);
    return "of " + table.describe(blocks.owner(block)) + flags + holders.getOrDefault(block, "");
  }

  private static long blockAt(long offset) {
    return offset - Block.HEADER_BYTES;
  }
}
