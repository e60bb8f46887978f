package multiprocessing.internal.shm;

import java.lang.foreign.MemorySegment;
import java.util.function.LongConsumer;
import multiprocessing.error.SharedMemoryExhaustedException;
import multiprocessing.internal.os.CrashPoint;
import multiprocessing.internal.os.Errno;
import multiprocessing.internal.os.OsException;
import multiprocessing.internal.os.SharedFile;
import multiprocessing.internal.sync.Mutex;
import multiprocessing.internal.sync.ProcessTable;
import multiprocessing.internal.sync.Words;
import org.jspecify.annotations.Nullable;

/**
 * The allocator of the tree's memory: blocks that any process of the tree may take, hand on and
 * give back.
 */
final class Heap {
  /*
   * The heap is a row of blocks without gaps, from START to `top`. Each begins with a header of 64
   * bytes (see Block) whose first word holds size and state. That word is the truth; the free lists
   * (see Bins) and the links to the block below are only an index of it. So are the lists of the
   * blocks that have one home, of what each block in use says is its home.
   *
   * Why a kill at any instruction does no harm: each operation changes the truth by one store.
   *   take    one store makes a free block a used one, and cuts off the rest at the same time,
   *           because the header of the rest was written before where no walk looks yet
   *   free    one store
   *   join    one store enlarges the lower block, whose walk then steps over the upper one
   *   grow    pages are reserved, the new block's header is written, then one store moves `top`
   * All of it happens under one mutex. Who gets the mutex from a dead holder, or from one that was
   * thrown out of the middle by an error, walks the row and makes the index anew. A block that was taken but never handed on carries the id of its taker, and is
   * freed when that one is swept.
   *
   * Pages are reserved before a block over them is handed out, so running out of memory is an
   * exception at allocate() and never a SIGBUS at a store. Once retained() bytes lie free with their
   * pages, large blocks that are freed give their pages back (HOLLOW); reserving pages again and
   * touching them in every process costs ten times the copying that follows, so they are not given
   * back earlier, and blocks with pages are handed out first. Free neighbours join if both have their pages or neither has;
   * only when the heap is full are they joined regardless.
   */
  static final long MUTEX = 0;
  private static final long TOP = 64;
  private static final long RESIDENT = 72;
  private static final long STAMP = 80;
  private static final long LAST = 88;
  private static final long BINS = 128;
  private static final long HOLLOW_BINS = BINS + Bins.BYTES;

  /** Size of the head that holds the fields above. */
  static final long HEAD_BYTES = HOLLOW_BINS + Bins.BYTES;

  private static final long PAGE = 4096;
  private static final long GROWTH = 256 * 1024;
  private static final long LEAST_RETAINED = 64L * 1024 * 1024;
  private static final long RETAINED_PART = 48; // of the whole, such as 256 MiB of 12 GiB
  private static final long HOLLOW_FROM = 1024 * 1024;

  private final MemorySegment memory;
  private final int fd;
  private final long head;
  private final long start;
  private final ProcessTable table;
  private final Mutex mutex;
  private final Runnable mend = this::mend;
  private final Block blocks;
  private final Bins residents;
  private final Bins hollows;

  /** A heap over {@code memory} from {@code start} to its end, whose head lies at {@code head}. */
  Heap(MemorySegment memory, int fd, long head, long start, ProcessTable table) {
    this.memory = memory;
    this.fd = fd;
    this.head = head;
    this.start = start;
    this.table = table;
    this.mutex = new Mutex(memory, head + MUTEX, table);
    this.blocks = new Block(memory);
    this.residents = new Bins(memory, head + BINS, blocks);
    this.hollows = new Bins(memory, head + HOLLOW_BINS, blocks);
  }

  /** Makes the head of a new heap; once, by the process that made the memory. */
  void format() {
    setLong(TOP, start);
    setLong(STAMP, 1);
  }

  void lock() {
    mutex.enter(mend);
  }

  private void mend() {
    rebuild(false);
  }

  /** Unlocks; if the change is not whole, the next holder sets the index right. */
  void unlock(boolean whole) {
    mutex.leave(whole);
  }

  Block blocks() {
    return blocks;
  }

  /**
   * Takes a block for the calling process.
   *
   * @return offset of its first usable byte, a multiple of 64; what is there is not zero
   */
  long allocate(long bytes) {
    return allocate(bytes, 0);
  }

  /**
   * The same, for a block that may come to belong to another one, if not 0, and is listed there.
   */
  long allocate(long bytes, long home) {
    boolean whole = false;
    lock();
    try {
      long offset = allocateLocked(bytes);
      if (home != 0) {
        lodge(offset - Block.HEADER_BYTES, home);
      }
      whole = true;
      return offset;
    } finally {
      unlock(whole);
    }
  }

  /** Lists a block in use with another one. The heap must be locked. */
  void lodge(long block, long home) {
    unlink(block);
    blocks.setHome(block, home);
    CrashPoint.at("heap.lodged");
    link(block);
  }

  private void link(long block) {
    long home = blocks.home(block);
    blocks.link(block, blocks.first(home));
    blocks.setFirst(home, block);
  }

  /** Takes a block out of the list that it is in, if it has a home; it still says so itself. */
  private void unlink(long block) {
    long home = blocks.home(block);
    if (home != 0 && blocks.unlink(block)) {
      blocks.setFirst(home, blocks.next(block));
    }
  }

  long allocateLocked(long bytes) {
    long size = Block.sizeFor(bytes);
    long block = find(size);
    if (block == 0) {
      grow(size);
      block = find(size);
    }
    return take(block, size) + Block.HEADER_BYTES;
  }

  private long find(long size) {
    long block = residents.find(size);
    return block != 0 ? block : hollows.find(size);
  }

  private long take(long block, long size) {
    long whole = blocks.size(block);
    long reserved = whole;
    if (blocks.state(block) == Block.HOLLOW) {
      // A little more than is wanted, so that not each small block costs a system call.
      reserved = cut(whole, Math.max(size, GROWTH));
      reserve(block, reserved == whole ? whole : reserved + Block.HEADER_BYTES);
    }
    long taken = cut(reserved, size);
    remove(block);
    // From the far end, where no walk looks before the last store.
    if (reserved < whole) {
      blocks.set(block + reserved, whole - reserved, Block.HOLLOW);
    }
    if (taken < reserved) {
      blocks.set(block + taken, reserved - taken, Block.FREE);
    }
    blocks.setOwner(block, table.home());
    blocks.setStamp(block, nextStamp());
    blocks.setHome(block, 0);
    blocks.setFirst(block, 0);
    CrashPoint.at("heap.take");
    blocks.set(block, taken, Block.USED);
    CrashPoint.at("heap.taken");
    linkAbove(block);
    if (taken < reserved) {
      linkAbove(block + taken);
      add(block + taken);
    }
    if (reserved < whole) {
      linkAbove(block + reserved);
      add(block + reserved);
    }
    return block;
  }

  /** How much of a block to take for {@code size}: all of it if the rest were no block. */
  private static long cut(long whole, long size) {
    return whole - size >= Block.SMALLEST ? size : whole;
  }

  private void grow(long size) {
    long top = top();
    long last = getLong(LAST);
    long atTop = last != 0 && blocks.state(last) == Block.FREE ? blocks.size(last) : 0;
    long room = memory.byteSize() - top;
    long bytes = Math.min(Math.max(size - atTop, GROWTH), room) & -Block.UNIT;
    if (bytes < size - atTop || bytes < Block.SMALLEST) {
      rebuild(true);
      if (find(size) == 0) {
        throw exhausted(size, freeBytes(), null);
      }
      return;
    }
    reserve(top, bytes);
    blocks.set(top, bytes, Block.FREE);
    blocks.setLower(top, last);
    CrashPoint.at("heap.grow");
    setLong(TOP, top + bytes);
    CrashPoint.at("heap.grown");
    setLong(LAST, top);
    add(joinBelow(top));
  }

  private void reserve(long offset, long bytes) {
    long from = offset & -PAGE;
    long to = Math.min((offset + bytes + PAGE - 1) & -PAGE, memory.byteSize());
    try {
      SharedFile.reserve(fd, from, to - from);
    } catch (OsException e) {
      if (e.errno() == Errno.ENOSPC || e.errno() == Errno.ENOMEM) {
        throw exhausted(bytes, freeBytes(), e);
      }
      throw e;
    }
  }

  private SharedMemoryExhaustedException exhausted(
      long bytes, long free, @Nullable Throwable cause) {
    SharedMemoryExhaustedException thrown =
        new SharedMemoryExhaustedException(
            bytes,
            free,
            "close what is not used any more, or set -Dmultiprocessing.sharedMemory to more than "
                + memory.byteSize()
                + " bytes");
    if (cause != null) {
      thrown.initCause(cause);
    }
    return thrown;
  }

  /**
   * Gives a block back, whoever took it, with all that belongs to it. What only has its home there
   * loses that. The heap must be locked.
   */
  void freeWhole(long block) {
    for (long each = blocks.first(block); each != 0; each = blocks.first(block)) {
      if (blocks.container(each) == block) {
        free(each);
      } else {
        unlink(each);
        blocks.setHome(each, 0);
      }
    }
    free(block);
  }

  /** Gives a block back, whoever took it, that is no other one's home. The heap must be locked. */
  void free(long block) {
    unlink(block);
    blocks.set(block, blocks.size(block), Block.FREE);
    CrashPoint.at("heap.freed");
    block = joinBelow(joinAbove(block));
    if (blocks.size(block) >= HOLLOW_FROM && getLong(RESIDENT) + blocks.size(block) > retained()) {
      hollow(block);
      block = joinBelow(joinAbove(block));
    }
    add(block);
  }

  /** How many bytes of free blocks keep their pages. */
  long retained() {
    return Math.max(LEAST_RETAINED, memory.byteSize() / RETAINED_PART);
  }

  private long joinAbove(long block) {
    long above = block + blocks.size(block);
    if (above < top() && blocks.state(above) == blocks.state(block)) {
      remove(above);
      join(block, above);
    }
    return block;
  }

  private long joinBelow(long block) {
    long below = blocks.lower(block);
    if (below == 0 || blocks.state(below) != blocks.state(block)) {
      return block;
    }
    remove(below);
    join(below, block);
    return below;
  }

  private void join(long below, long above) {
    int state = blocks.state(below) == blocks.state(above) ? blocks.state(below) : Block.HOLLOW;
    blocks.set(below, blocks.size(below) + blocks.size(above), state);
    CrashPoint.at("heap.joined");
    linkAbove(below);
  }

  private void hollow(long block) {
    blocks.set(block, blocks.size(block), Block.HOLLOW);
    CrashPoint.at("heap.hollow");
    long from = (block + Block.HEADER_BYTES + PAGE - 1) & -PAGE;
    long to = (block + blocks.size(block)) & -PAGE;
    if (from < to) {
      SharedFile.discard(fd, from, to - from);
    }
  }

  private void add(long block) {
    if (blocks.state(block) == Block.FREE) {
      residents.add(block);
      setLong(RESIDENT, getLong(RESIDENT) + blocks.size(block));
    } else {
      hollows.add(block);
    }
  }

  private void remove(long block) {
    if (blocks.state(block) == Block.FREE) {
      residents.remove(block);
      setLong(RESIDENT, getLong(RESIDENT) - blocks.size(block));
    } else {
      hollows.remove(block);
    }
  }

  /** Tells the block above which one lies below it now. */
  private void linkAbove(long block) {
    long above = block + blocks.size(block);
    if (above < top()) {
      blocks.setLower(above, block);
    } else {
      setLong(LAST, block);
    }
  }

  /** Makes the index anew from the row of blocks, and joins free neighbours of a kind, or all. */
  private void rebuild(boolean joinAll) {
    residents.clear();
    hollows.clear();
    setLong(RESIDENT, 0);
    long below = 0;
    long top = top();
    for (long block = start; block < top; block = below + blocks.size(below)) {
      boolean joins =
          below != 0
              && blocks.isFree(below)
              && blocks.isFree(block)
              && (joinAll || blocks.state(below) == blocks.state(block));
      if (joins) {
        remove(below);
        join(below, block);
      } else {
        blocks.setLower(block, below);
        blocks.setFirst(block, 0);
        below = block;
      }
      if (blocks.isFree(below)) {
        add(below);
      }
    }
    setLong(LAST, below);
    forEachUsed(
        block -> {
          if (blocks.home(block) != 0) {
            link(block);
          }
        });
  }

  /** Visits each block in use. The heap must be locked, and the visitor must not change it. */
  void forEachUsed(LongConsumer visitor) {
    long top = top();
    for (long block = start; block < top; block += blocks.size(block)) {
      if (!blocks.isFree(block)) {
        visitor.accept(block);
      }
    }
  }

  /** Bytes that are free below the top, with their headers, and above it. */
  long freeBytes() {
    return memory.byteSize() - start - usedBytes();
  }

  /** Bytes in blocks that are in use, with their headers. */
  long usedBytes() {
    long[] used = new long[1];
    forEachUsed(block -> used[0] += blocks.size(block));
    return used[0];
  }

  private long top() {
    return getLong(TOP);
  }

  private long nextStamp() {
    long stamp = getLong(STAMP);
    setLong(STAMP, stamp + 1);
    return stamp;
  }

  private long getLong(long field) {
    return (long) Words.LONG.getVolatile(memory, head + field);
  }

  private void setLong(long field, long value) {
    Words.LONG.setRelease(memory, head + field, value);
  }
}
