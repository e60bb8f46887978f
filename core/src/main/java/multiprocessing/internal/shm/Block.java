package multiprocessing.internal.shm;

import java.lang.foreign.MemorySegment;
import multiprocessing.internal.sync.ProcessTable;
import multiprocessing.internal.sync.Words;

/** The header of a block of the {@link Heap}: 64 bytes, right below the bytes that users see. */
final class Block {
  /*
   *   +0  state   size of the block with its header in bytes, a multiple of 64 | state (2 bits)
   *   +8  owner   id of the process that took it (30 bits) | flags;
   *               or, with IN_BLOCK set, the offset of the block it belongs to and is freed with
   *   +16 stamp   tells this use of the place from earlier and later ones
   *   +24 next    } neighbours in the list of free blocks, or of those that have one home
   *   +32 previous}
   *   +40 lower   the block below this one in memory
   *   +48 home    the block in whose list this one is, which it may belong to; 0 if there is none
   *   +56 first   the first one in the list of those that have their home here
   */
  static final long HEADER_BYTES = 64;
  static final long UNIT = 64;
  static final long SMALLEST = HEADER_BYTES + UNIT;

  /** Not in use; its pages are there. */
  static final int FREE = 0;

  /** In use. */
  static final int USED = 1;

  /** Not in use; its pages were given back. */
  static final int HOLLOW = 2;

  /** A handle of the block was sent to another process, or may have been. */
  static final long EXPORTED = 1L << 32;

  /** A process other than the owner has held the block. */
  static final long WAS_HELD = 1L << 33;

  /** The owner does not use the block any more. */
  static final long RELEASED = 1L << 34;

  /** A fork of the owner has the block, and does not hold it. */
  static final long BEQUEATHED = 1L << 35;

  private static final long IN_BLOCK = 1L << 63;
  private static final long STATE_MASK = 3;

  private static final long OWNER = 8;
  private static final long STAMP = 16;
  private static final long NEXT = 24;
  private static final long PREVIOUS = 32;
  private static final long LOWER = 40;
  private static final long HOME = 48;
  private static final long FIRST = 56;

  private final MemorySegment memory;

  Block(MemorySegment memory) {
    this.memory = memory;
  }

  static long sizeFor(long bytes) {
    if (bytes < 0 || bytes > Long.MAX_VALUE - 2 * HEADER_BYTES) {
      throw new IllegalArgumentException("a block of " + bytes + " bytes");
    }
    return Math.max(SMALLEST, bytes + HEADER_BYTES + UNIT - 1 & -UNIT);
  }

  /** Size and state change together, by one store that others see only whole. */
  void set(long block, long size, int state) {
    Words.LONG.setRelease(memory, block, size | state);
  }

  long size(long block) {
    return state0(block) & ~STATE_MASK;
  }

  int state(long block) {
    return (int) (state0(block) & STATE_MASK);
  }

  boolean isFree(long block) {
    return state(block) != USED;
  }

  private long state0(long block) {
    return (long) Words.LONG.getVolatile(memory, block);
  }

  /** Says which process the block belongs to; clears all flags. */
  void setOwner(long block, int processId) {
    put(block + OWNER, processId);
  }

  /** Says that the block belongs to another block from now on. */
  void setContainer(long block, long container) {
    put(block + OWNER, IN_BLOCK | container);
  }

  /** The id of the process the block belongs to; 0 if it belongs to a block. */
  int owner(long block) {
    long owner = get(block + OWNER);
    return owner < 0 ? 0 : (int) owner & ProcessTable.ID_MASK;
  }

  /** The block that the block belongs to; 0 if it belongs to a process. */
  long container(long block) {
    long owner = get(block + OWNER);
    return owner < 0 ? owner & ~IN_BLOCK : 0;
  }

  boolean has(long block, long flag) {
    long owner = get(block + OWNER);
    return owner >= 0 && (owner & flag) != 0;
  }

  void add(long block, long flag) {
    Words.LONG.getAndBitwiseOr(memory, block + OWNER, flag); // others may add another flag now
  }

  /** The flags of a block that belongs to a process, as a report tells them. */
  String describeFlags(long block) {
    return (first(block) != 0 ? ", with others in it" : "")
        + (has(block, EXPORTED) ? ", sent" : "")
        + (has(block, WAS_HELD) ? ", arrived" : "")
        + (has(block, BEQUEATHED) ? ", left to forks" : "")
        + (has(block, RELEASED) ? ", released" : "");
  }

  void setStamp(long block, long stamp) {
    put(block + STAMP, stamp);
  }

  long stamp(long block) {
    return get(block + STAMP);
  }

  void setNext(long block, long next) {
    put(block + NEXT, next);
  }

  long next(long block) {
    return get(block + NEXT);
  }

  void setPrevious(long block, long previous) {
    put(block + PREVIOUS, previous);
  }

  long previous(long block) {
    return get(block + PREVIOUS);
  }

  /** Puts a block before the one that was the first of a list, or 0. */
  void link(long block, long first) {
    setNext(block, first);
    setPrevious(block, 0);
    if (first != 0) {
      setPrevious(first, block);
    }
  }

  /** Takes a block out from between its neighbours; says whether it was the first of its list. */
  boolean unlink(long block) {
    long next = next(block);
    long previous = previous(block);
    if (next != 0) {
      setPrevious(next, previous);
    }
    if (previous != 0) {
      setNext(previous, next);
    }
    return previous == 0;
  }

  void setLower(long block, long lower) {
    put(block + LOWER, lower);
  }

  long lower(long block) {
    return get(block + LOWER);
  }

  void setHome(long block, long home) {
    put(block + HOME, home);
  }

  long home(long block) {
    return get(block + HOME);
  }

  void setFirst(long block, long first) {
    put(block + FIRST, first);
  }

  long first(long block) {
    return get(block + FIRST);
  }

  private long get(long at) {
    return (long) Words.LONG.getOpaque(memory, at);
  }

  private void put(long at, long value) {
    Words.LONG.setRelease(memory, at, value);
  }
}
