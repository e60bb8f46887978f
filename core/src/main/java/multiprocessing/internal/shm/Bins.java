package multiprocessing.internal.shm;

import java.lang.foreign.MemorySegment;
import multiprocessing.internal.sync.Words;

/**
 * Free blocks by size: lists of like sizes, and a bitmap of the lists that are not empty.
 *
 * <p>Only an index of what the blocks themselves say; after a crash it is made anew.
 */
final class Bins {
  /*
   * Sizes below 32 units have a bin each; above, each doubling is cut in four. So the blocks of any
   * later bin are large enough without a look at each, and only the first bin's must be looked at.
   * The last block freed is the first taken: its pages are still in the caches.
   */
  private static final int EXACT = 32;
  private static final int COUNT = 192;
  private static final int BITMAP_WORDS = COUNT / 64;
  private static final int TRIES = 16;

  static final long BYTES = (BITMAP_WORDS + COUNT) * 8L;

  private final MemorySegment memory;
  private final long base;
  private final Block blocks;

  Bins(MemorySegment memory, long base, Block blocks) {
    this.memory = memory;
    this.base = base;
    this.blocks = blocks;
  }

  void clear() {
    memory.asSlice(base, BYTES).fill((byte) 0);
  }

  void add(long block) {
    int bin = bin(blocks.size(block));
    long first = head(bin);
    blocks.link(block, first);
    if (first == 0) {
      setBit(bin, true);
    }
    setHead(bin, block);
  }

  void remove(long block) {
    int bin = bin(blocks.size(block));
    if (blocks.unlink(block)) {
      long next = blocks.next(block);
      setHead(bin, next);
      if (next == 0) {
        setBit(bin, false);
      }
    }
  }

  /** A block of at least {@code size} bytes, or 0. It stays in its list. */
  long find(long size) {
    int bin = bin(size);
    long block = fit(head(bin), size, TRIES);
    if (block != 0) {
      return block;
    }
    int later = nextBit(bin + 1);
    return later >= 0 ? head(later) : fit(head(bin), size, Integer.MAX_VALUE);
  }

  private long fit(long block, long size, int tries) {
    while (block != 0 && tries-- > 0) {
      if (blocks.size(block) >= size) {
        return block;
      }
      block = blocks.next(block);
    }
    return 0;
  }

  private static int bin(long size) {
    long units = size / Block.UNIT;
    if (units < EXACT) {
      return (int) units;
    }
    int log = 63 - Long.numberOfLeadingZeros(units);
    int quarter = (int) (units >>> (log - 2)) & 3;
    return EXACT + (log - 5) * 4 + quarter;
  }

  private int nextBit(int from) {
    for (int word = from >>> 6; word < BITMAP_WORDS; word++) {
      long bits = get(base + word * 8L);
      if (word == from >>> 6) {
        bits &= -1L << from;
      }
      if (bits != 0) {
        return (word << 6) + Long.numberOfTrailingZeros(bits);
      }
    }
    return -1;
  }

  private void setBit(int bin, boolean on) {
    long at = base + (bin >>> 6) * 8L;
    long bit = 1L << bin;
    put(at, on ? get(at) | bit : get(at) & ~bit);
  }

  private long head(int bin) {
    return get(base + (BITMAP_WORDS + bin) * 8L);
  }

  private void setHead(int bin, long block) {
    put(base + (BITMAP_WORDS + bin) * 8L, block);
  }

  private long get(long at) {
    return (long) Words.LONG.getOpaque(memory, at);
  }

  private void put(long at, long value) {
    Words.LONG.setOpaque(memory, at, value);
  }
}
