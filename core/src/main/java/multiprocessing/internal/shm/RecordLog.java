package multiprocessing.internal.shm;

import java.lang.foreign.MemorySegment;
import java.util.function.LongConsumer;
import multiprocessing.internal.os.CrashPoint;
import multiprocessing.internal.sync.Mutex;
import multiprocessing.internal.sync.Words;
import org.jspecify.annotations.Nullable;

/**
 * The records of a {@link RecordQueue}, and the two locks under which they are put and taken.
 *
 * <p>Whatever changes something at the tail wants {@link #lockPut}, at the head {@link #lockTake};
 * where both are wanted, the one for the head comes first.
 */
final class RecordLog {
  /*
   * The head of the log; producers and consumers write to different cache lines:
   *
   *   +0   put mutex   +8  tail   +16 chunk of the tail   +24 chunk about to be entered
   *   +64  take mutex  +72 head   +80 chunk of the head   +88 chunk about to be entered
   *                    +96 tail as consumers saw it last
   *   +128 recycled: a drained chunk, for the next producer that wants one
   *
   * Records lie in chunks, blocks of their own. `tail` and `head` are each a place in the tree's
   * memory (37 bits, in units of 8 bytes) and a count of what was put or taken so far (27 bits), so
   * that one store changes both, and the size is the difference of the counts.
   * A record is a word, kind (8 bits) | length (56), then its bytes, filled up to 8:
   *   INLINE  the bytes follow       LARGE  place and length of a block with the bytes follow
   *   JUMP    the "length" is the next chunk        GONE  as INLINE, but removed: skip it
   *
   * Why a kill at any instruction does no harm. Producers write under the put mutex beyond `tail`,
   * where nobody reads, and publish by one store to `tail`; consumers take by one store to `head`.
   * What a dead holder of either mutex (or one whom an error threw out of the middle) had not
   * published is simply not there. A chunk is noted, then entered by publishing its empty beginning,
   * then becomes the chunk of that side; the next holder of the mutex finishes that if it finds the
   * beginning of the noted chunk published. A record that is removed from the middle is marked, then
   * counted; the next holder counts again what is left.
   * A large record's block belongs to the queue before it is published, and to its consumer after.
   * Killed between the last two steps of any of these, a process leaves at most one unused block
   * that ends with the queue.
   */
  static final long BYTES = 136;

  /** The most records that a log can count. */
  static final int MOST = (1 << 27) - 1;

  private static final long PUT = 0;
  private static final long TAKE = 64;
  private static final long END = 8;
  private static final long CHUNK = 16;
  private static final long NEXT_CHUNK = 24;
  private static final long SEEN_TAIL = TAKE + 32;
  private static final long RECYCLED = 128;
  private static final int COUNT_BITS = 27;

  private static final long CHUNK_SIZE = 0;
  private static final long CHUNK_DATA = 64;
  private static final long FIRST_CHUNK = 8 * 1024;
  private static final long USUAL_CHUNK = 64 * 1024;
  private static final long LARGEST_CHUNK = 256 * 1024;

  private static final long INLINE = 1L << 56;
  private static final long LARGE = 2L << 56;
  private static final long JUMP = 3L << 56;
  private static final long GONE = 4L << 56;
  private static final long KIND = 0xFFL << 56;
  private static final long LARGE_FROM = 4 * 1024;
  private static final long WORD = 8;
  private static final long LARGE_BYTES = 3 * WORD;

  private final TreeMemory memory;
  private final MemorySegment segment;
  private final long base;
  private final long container;
  private final Mutex putMutex;
  private final Mutex takeMutex;
  private final Runnable mendPut = this::mendTail;
  private final Runnable mendTake = this::mendHead;
  private final @Nullable Ledger ledger;

  /**
   * The log whose head is at {@code base}, within a block that its records belong to.
   *
   * @param ledger where to count what each process takes, or null
   */
  RecordLog(SharedBlock block, long base, @Nullable Ledger ledger) {
    this.ledger = ledger;
    this.memory = block.memory();
    this.segment = block.segment();
    this.base = base;
    this.container = block.offset();
    this.putMutex = new Mutex(segment, base + PUT, memory.processes());
    this.takeMutex = new Mutex(segment, base + TAKE, memory.processes());
  }

  /** Makes an empty log in zeroed memory. */
  void format() {
    long chunk = newChunk(FIRST_CHUNK);
    set(PUT + CHUNK, chunk);
    set(PUT + END, end(chunk + CHUNK_DATA, 0));
    set(TAKE + CHUNK, chunk);
    set(TAKE + END, end(chunk + CHUNK_DATA, 0));
    set(SEEN_TAIL, chunk + CHUNK_DATA);
  }

  void lockPut() {
    putMutex.enter(mendPut);
  }

  /** Unlocks; if the change is not whole, the next holder sets right what is wrong. */
  void unlockPut(boolean whole) {
    putMutex.leave(whole);
  }

  void lockTake() {
    takeMutex.enter(mendTake);
  }

  /** Unlocks; if the change is not whole, the next holder sets right what is wrong. */
  void unlockTake(boolean whole) {
    takeMutex.leave(whole);
  }

  /** Sets right what a dead consumer has left wrong; false if there is nothing of the kind. */
  boolean mendIfTorn() {
    if (!takeMutex.wantsMending()) {
      return false;
    }
    lockTake();
    unlockTake(true);
    return true;
  }

  private void finishEntering(long side) {
    long next = get(side + NEXT_CHUNK);
    if (next != 0 && place(get(side + END)) == next + CHUNK_DATA) {
      set(side + CHUNK, next);
    }
  }

  private void mendTail() {
    finishEntering(PUT);
  }

  private void mendHead() {
    finishEntering(TAKE);
    boolean whole = false;
    lockPut();
    try { // counts what was taken by counting what is left
      int[] left = new int[1];
      scan(_ -> left[0]++);
      int taken = (count(get(PUT + END)) - left[0]) & MOST;
      set(TAKE + END, end(place(get(TAKE + END)), taken));
      if (ledger != null) {
        ledger.settle(taken);
      }
      whole = true;
    } finally {
      unlockPut(whole);
    }
  }

  // --- the tail ---

  /** What is to be put; its bytes are copied into a block of their own now if they are many. */
  Message message(byte[] head, int length, @Nullable MemorySegment body) {
    long size = length + (body == null ? 0 : body.byteSize());
    long large = size < LARGE_FROM ? 0 : memory.allocate(size, container);
    Message message = new Message(head, length, body, size, large);
    if (large != 0) {
      message.writeTo(segment, large);
    }
    return message;
  }

  /** The message was not appended, and will not be. */
  void drop(Message message) {
    if (message.large != 0) {
      memory.free(message.large);
    }
  }

  void append(Message message) {
    long bytes = message.large != 0 ? LARGE_BYTES : WORD + fill(message.size);
    long place = room(bytes);
    if (message.large != 0) {
      setAt(place, LARGE);
      setAt(place + WORD, message.large);
      setAt(place + 2 * WORD, message.size);
      memory.give(message.large, container);
    } else {
      setAt(place, INLINE | message.size);
      message.writeTo(segment, place + WORD);
    }
    CrashPoint.at("queue.put.written");
    set(PUT + END, end(place + bytes, count(get(PUT + END)) + 1));
    CrashPoint.at("queue.put.published");
  }

  /** A place for a record of so many bytes, and a word behind it for a jump. */
  private long room(long bytes) {
    long end = get(PUT + END);
    long place = place(end);
    long chunk = get(PUT + CHUNK);
    long size = getAt(chunk + CHUNK_SIZE);
    if (place + bytes + WORD <= chunk + size) {
      return place;
    }
    boolean consumersLag = get(TAKE + CHUNK) != chunk;
    long wanted = consumersLag || size < USUAL_CHUNK ? Math.min(LARGEST_CHUNK, 2 * size) : size;
    long next = recycledChunk(wanted);
    if (next == 0) {
      next = newChunk(wanted);
    }
    setAt(place, JUMP | next);
    enter(PUT, next);
    return next + CHUNK_DATA;
  }

  private void enter(long side, long chunk) {
    set(side + NEXT_CHUNK, chunk);
    CrashPoint.at("queue.enter.noted");
    set(side + END, end(chunk + CHUNK_DATA, count(get(side + END))));
    CrashPoint.at("queue.enter.published");
    set(side + CHUNK, chunk);
    CrashPoint.at("queue.enter.done");
  }

  private long newChunk(long size) {
    long chunk = memory.allocate(size, container);
    setAt(chunk + CHUNK_SIZE, size);
    memory.give(chunk, container);
    return chunk;
  }

  private long recycledChunk(long size) {
    long chunk = get(RECYCLED);
    if (chunk == 0 || !Words.LONG.compareAndSet(segment, base + RECYCLED, chunk, 0L)) {
      return 0;
    }
    if (getAt(chunk + CHUNK_SIZE) >= size) {
      return chunk;
    }
    memory.free(chunk);
    return 0;
  }

  private void recycle(long chunk) {
    if (!Words.LONG.compareAndSet(segment, base + RECYCLED, 0L, chunk)) {
      memory.free(chunk);
    }
  }

  // --- the head ---

  /** Takes the oldest record; null if there is none. */
  @Nullable Taken takeFirst() {
    long place = firstRecord();
    if (place == 0) {
      return null;
    }
    Taken taken = read(place);
    CrashPoint.at("queue.take.read");
    int count = count(get(TAKE + END));
    if (ledger != null) {
      ledger.intend(count);
    }
    set(TAKE + END, end(taken.next, count + 1));
    CrashPoint.at("queue.take.published");
    if (ledger != null) {
      ledger.carryOut();
    }
    return taken;
  }

  /** The bytes of the oldest record; null if there is none. */
  byte @Nullable [] peekFirst() {
    long place = firstRecord();
    return place == 0 ? null : bytesAt(place);
  }

  /** Where the oldest record lies, 0 if there is none; leaves jumps and gaps behind. */
  private long firstRecord() {
    while (true) {
      long end = get(TAKE + END);
      long place = place(end);
      if (place == get(SEEN_TAIL)) {
        long tail = tail();
        if (place == tail) {
          return 0;
        }
        set(SEEN_TAIL, tail);
      }
      long word = getAt(place);
      if ((word & KIND) == JUMP) {
        long drained = get(TAKE + CHUNK);
        enter(TAKE, word & ~KIND);
        recycle(drained);
      } else if ((word & KIND) == GONE) {
        set(TAKE + END, end(place + WORD + fill(word & ~KIND), count(end)));
      } else {
        return place;
      }
    }
  }

  private Taken read(long place) {
    long word = getAt(place);
    if ((word & KIND) == LARGE) {
      long block = getAt(place + WORD);
      return new Taken(null, block, getAt(place + 2 * WORD), place + LARGE_BYTES);
    }
    long size = word & ~KIND;
    byte[] bytes = copy(place + WORD, size);
    return new Taken(bytes, 0, size, place + WORD + fill(size));
  }

  private byte[] copy(long from, long size) {
    byte[] bytes = new byte[Math.toIntExact(size)];
    MemorySegment.copy(segment, from, MemorySegment.ofArray(bytes), 0, size);
    return bytes;
  }

  /** Lets {@code decoder} have a record that was taken; outside the locks. */
  <T> T decode(Taken taken, RecordQueue.Decoder<T> decoder) {
    if (taken.bytes != null) {
      return decoder.decode(taken.bytes);
    }
    CrashPoint.at("queue.take.large");
    memory.adopt(taken.large);
    try {
      return decoder.decode(segment, taken.large, taken.size);
    } finally {
      memory.free(taken.large);
    }
  }

  /** Visits the places of all records. */
  void scan(LongConsumer visitor) {
    long place = place(get(TAKE + END));
    long tail = tail();
    while (place != tail) {
      long word = getAt(place);
      long kind = word & KIND;
      if (kind == JUMP) {
        place = (word & ~KIND) + CHUNK_DATA;
      } else {
        if (kind != GONE) {
          visitor.accept(place);
        }
        place += kind == LARGE ? LARGE_BYTES : WORD + fill(word & ~KIND);
      }
    }
  }

  /** The bytes of the record at a place that {@link #scan} gave. */
  byte[] bytesAt(long place) {
    Taken taken = read(place);
    return taken.bytes != null ? taken.bytes : copy(taken.large, taken.size);
  }

  /** Removes the record at a place that {@link #scan} gave. */
  void removeAt(long place) {
    Taken taken = read(place);
    setAt(place, GONE | (taken.next - place - WORD));
    CrashPoint.at("queue.remove.gone");
    long end = get(TAKE + END);
    set(TAKE + END, end(place(end), count(end) + 1));
    if (taken.large != 0) {
      memory.free(taken.large);
    }
  }

  // --- both ---

  int size() {
    long tail = getVolatile(PUT + END);
    for (int tries = 0; ; tries++) {
      long head = getVolatile(TAKE + END);
      long again = getVolatile(PUT + END);
      if (again == tail || tries == 100) {
        return (count(again) - count(head)) & MOST;
      }
      tail = again; // head and tail are of the same moment only if the tail stood still
    }
  }

  /** Whether there is nothing to take; false also where only gaps are left. */
  boolean isEmpty() {
    return place(getVolatile(TAKE + END)) == place(getVolatile(PUT + END));
  }

  private long tail() {
    return place((long) Words.LONG.getAcquire(segment, base + PUT + END));
  }

  private static long end(long place, int count) {
    return ((place / WORD) << COUNT_BITS) | (count & MOST);
  }

  private static long place(long end) {
    return (end >>> COUNT_BITS) * WORD;
  }

  private static int count(long end) {
    return (int) end & MOST;
  }

  private static long fill(long bytes) {
    return (bytes + WORD - 1) & -WORD;
  }

  private long get(long field) {
    return getAt(base + field);
  }

  private long getVolatile(long field) {
    return (long) Words.LONG.getVolatile(segment, base + field);
  }

  private void set(long field, long value) {
    Words.LONG.setRelease(segment, base + field, value);
  }

  private long getAt(long place) {
    return (long) Words.LONG.get(segment, place);
  }

  private void setAt(long place, long value) {
    Words.LONG.set(segment, place, value);
  }

  /** Bytes to put, and the block that holds them already if they are many. */
  record Message(byte[] head, int length, @Nullable MemorySegment body, long size, long large) {
    private void writeTo(MemorySegment segment, long at) {
      MemorySegment.copy(MemorySegment.ofArray(head), 0, segment, at, length);
      if (body != null) {
        MemorySegment.copy(body, 0, segment, at + length, body.byteSize());
      }
    }
  }

  /** A record: its bytes, or the block they are in; and where the next one begins. */
  record Taken(byte @Nullable [] bytes, long large, long size, long next) {}
}
