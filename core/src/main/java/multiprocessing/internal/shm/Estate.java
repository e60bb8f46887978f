package multiprocessing.internal.shm;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;
import multiprocessing.internal.os.CrashPoint;
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
  /*
   * Each step can be done again by another process: what the one who died had begun is found by its
   * entries and by the blocks that it owns, and those go last.
   */
  private static final long NO_ENTRY = 0;

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
        CrashPoint.at("estate.arriving");
        blocks.add(block, Block.EXPORTED | Block.WAS_HELD);
        grasp.arrived(entry);
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
      freeIfForsaken(blockAt(offset), entry);
      CrashPoint.at("estate.dropping");
      grasp.drop(entry);
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
      freeIfForsaken(block, NO_ENTRY);
    } else {
      heap.freeWhole(block);
    }
  }

  /** Frees a block that only {@code entry} of this process holds, if that. */
  private void freeIfForsaken(long block, long entry) {
    if (!blocks.isFree(block)
        && blocks.has(block, Block.RELEASED)
        && blocks.has(block, Block.WAS_HELD)
        && !blocks.has(block, Block.BEQUEATHED)
        && !grasp.isHeld(block, entry)) {
      CrashPoint.at("estate.forsaken");
      heap.freeWhole(block);
    }
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
    LongList noted = grasp.heldBy(id);
    LongList arriving = grasp.arrivingAt(id);
    LongList held = used(noted::contains); // the others were freed before their notes were cleared
    for (int i = 0; i < held.size(); i++) {
      if (arriving.contains(held.get(i))) {
        blocks.add(held.get(i), Block.WAS_HELD);
      }
      freeIfForsaken(held.get(i), NO_ENTRY);
    }
    CrashPoint.at("estate.sweeping");
    grasp.clear(id);
    LongList owned = used(block -> blocks.owner(block) == id);
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
                      name(block),
                      blocks.size(block),
                      pages.contains(block + Block.HEADER_BYTES),
                      describe(block, holders))));
      whole = true;
    } finally {
      heap.unlock(whole);
    }
    return uses;
  }

  private String name(long block) {
    return SharedBlock.name(block + Block.HEADER_BYTES, blocks.stamp(block));
  }

  private String describe(long block, Map<Long, String> holders) {
    long container = blocks.container(block);
    if (container != 0) {
      return "in block " + name(container);
    }
    String flags = blocks.describeFlags(block);
    return "of " + table.describe(blocks.owner(block)) + flags + holders.getOrDefault(block, "");
  }

  private LongList used(LongPredicate wanted) {
    LongList used = new LongList();
    heap.forEachUsed(
        block -> {
          if (wanted.test(block)) {
            used.add(block);
          }
        });
    return used;
  }

  private static long blockAt(long offset) {
    return offset - Block.HEADER_BYTES;
  }
}
