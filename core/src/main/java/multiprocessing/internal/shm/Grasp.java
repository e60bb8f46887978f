package multiprocessing.internal.shm;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import multiprocessing.internal.sync.ProcessTable;
import multiprocessing.internal.sync.Words;

/**
 * Which blocks of others each process holds on to, written where the others can read it.
 *
 * <p>All methods want the heap to be locked.
 */
final class Grasp {
  /*
   * Each process has a chain of pages that begins at its slot of the process table. A page is a
   * block of its own: the next page, then entries, each 0 or the block held, with a mark (bit 0)
   * while it arrives. Only the process itself writes its pages, one entry by one store; when it dies
   * the pages are swept like all it had, and what stood in them is held no longer. There are no
   * counts that a kill could leave wrong.
   *
   * An entry is cleared last, when what had to be done with the block has been done: so whoever is
   * killed in between has the block still, and who sweeps does it. By then the place may be that of
   * another block, or within one: who sweeps looks which blocks there are.
   */
  private static final int ENTRIES = 63;
  private static final long PAGE_BYTES = (ENTRIES + 1) * 8L;
  private static final long ARRIVING = 1; // blocks begin at multiples of 64

  private final MemorySegment memory;
  private final Heap heap;
  private final ProcessTable table;
  private final ArrayDeque<Long> free = new ArrayDeque<>();

  Grasp(MemorySegment memory, Heap heap, ProcessTable table) {
    this.memory = memory;
    this.heap = heap;
    this.table = table;
  }

  /** The pages that are known here belong to the process of which this one is a fork. */
  void forked() {
    free.clear();
  }

  /**
   * Writes down that this process holds a block, which arrives here until that is {@link #arrived};
   * gives the place of the entry.
   */
  long hold(long block) {
    if (free.isEmpty()) {
      addPage();
    }
    long entry = free.removeLast();
    put(entry, block | ARRIVING);
    return entry;
  }

  void arrived(long entry) {
    put(entry, get(entry) & ~ARRIVING);
  }

  void drop(long entry) {
    put(entry, 0);
    free.addLast(entry);
  }

  private void addPage() {
    long page = heap.allocateLocked(PAGE_BYTES);
    memory.asSlice(page, PAGE_BYTES).fill((byte) 0);
    long first = table.graspOffset(table.home());
    put(page, get(first));
    put(first, page);
    for (int i = ENTRIES; i >= 1; i--) {
      free.addLast(page + i * 8L);
    }
  }

  /** Whether any living process holds the block by another entry than {@code except}. */
  boolean isHeld(long block, long except) {
    boolean[] held = new boolean[1];
    table.forEach(
        id -> {
          if (!held[0] && !table.isDead(id)) {
            held[0] = holds(id, block, except);
          }
        });
    return held[0];
  }

  private boolean holds(int id, long block, long except) {
    for (long page = get(table.graspOffset(id)); page != 0; page = get(page)) {
      for (int i = 1; i <= ENTRIES; i++) {
        long entry = page + i * 8L;
        if (entry != except && (get(entry) & ~ARRIVING) == block) {
          return true;
        }
      }
    }
    return false;
  }

  /** All that a process holds, or held if it is dead. */
  LongList heldBy(int id) {
    return entriesOf(id, false);
  }

  /** What was arriving at a process when it died. */
  LongList arrivingAt(int id) {
    return entriesOf(id, true);
  }

  private LongList entriesOf(int id, boolean isArriving) {
    LongList blocks = new LongList();
    for (long page = get(table.graspOffset(id)); page != 0; page = get(page)) {
      for (int i = 1; i <= ENTRIES; i++) {
        long block = get(page + i * 8L);
        if (block != 0 && (!isArriving || (block & ARRIVING) != 0)) {
          blocks.add(block & ~ARRIVING);
        }
      }
    }
    return blocks;
  }

  /** Who holds what, for a report. */
  Map<Long, String> holders() {
    Map<Long, String> holders = new HashMap<>();
    table.forEach(
        id -> {
          String text = ", held by " + table.describe(id);
          LongList held = heldBy(id);
          for (int i = 0; i < held.size(); i++) {
            holders.merge(held.get(i), text, String::concat);
          }
        });
    return holders;
  }

  /** Where the pages of all processes are. */
  Set<Long> pages() {
    Set<Long> pages = new HashSet<>();
    table.forEach(
        id -> {
          for (long page = get(table.graspOffset(id)); page != 0; page = get(page)) {
            pages.add(page);
          }
        });
    return pages;
  }

  /** Forgets all that a dead process held, before its pages are freed. */
  void clear(int id) {
    put(table.graspOffset(id), 0);
  }

  private long get(long at) {
    return (long) Words.LONG.getVolatile(memory, at);
  }

  private void put(long at, long value) {
    Words.LONG.setVolatile(memory, at, value);
  }
}
