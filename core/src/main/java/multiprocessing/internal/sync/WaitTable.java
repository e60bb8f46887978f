package multiprocessing.internal.sync;

import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.function.LongUnaryOperator;

/**
 * Who waits for a shared object, each thread with what became of its waiting.
 *
 * <p>The object's mutex guards it: but for {@link #state}, {@link #prepareToSleep} and {@link
 * #free}, which a thread may say of its own entry at any time.
 */
final class WaitTable {
  /*
   *   +0   next   ticket of the next one who waits
   *   +8   used   entries beyond this number were never used
   *   +16  look   when somebody last looked for the dead (System.nanoTime, one clock for all)
   *   +32  chunks places of blocks with more entries, each as large as all before it
   *   +128 entries, 16 bytes each: state (2 bits) | id of the process (30)
   *                                how its thread sleeps (32 bits)
   *                                ticket (64 bits)
   *
   * Every change of an entry is one store to its first word, so a kill leaves each entry as it was
   * or as it shall be. The thread that waits frees its entry itself, once it has acted on what became
   * of it; the entry of a process that died is freed by others, who see from its state whether what
   * it was told was lost with it. A chunk belongs to the object's block before its place is noted.
   */
  static final int FREE = 0;
  static final int WAITING = 1;
  static final int RELEASED = 2;
  static final int BROKEN = 3;

  /** Not asleep: nobody need wake it. */
  static final int AWAKE = 0;

  /** Asleep on the word of its entry. */
  static final int ON_ITS_WORD = 1;

  /** Asleep elsewhere. */
  static final int ELSEWHERE = 2;

  static final int NOBODY = -1;

  private static final long NEXT = 0;
  private static final long USED = 8;
  private static final long LOOK = 16;
  private static final long CHUNKS = 32;
  private static final long ENTRIES = 128;
  private static final int ENTRY_BYTES = 16;
  private static final long SLEEPS = 4;
  private static final long TICKET = 8;
  private static final int FIRST = 32;
  private static final int CHUNK_COUNT = 11;
  private static final int STATE_SHIFT = 30;

  /** The most that can wait at a time. */
  static final int MOST = FIRST << CHUNK_COUNT;

  static final long BYTES = ENTRIES + FIRST * ENTRY_BYTES;

  private final MemorySegment segment;
  private final long base;
  private final ProcessTable processes;
  private final LongUnaryOperator more;

  /**
   * A table in zeroed memory, or one that was made there before.
   *
   * @param more gives the place of so many zeroed bytes that belong to the object
   */
  WaitTable(MemorySegment segment, long base, ProcessTable processes, LongUnaryOperator more) {
    this.segment = segment;
    this.base = base;
    this.processes = processes;
    this.more = more;
  }

  /** Adds the calling process once more, WAITING; gives the number of the entry. */
  int add() {
    int used = used();
    int entry = 0;
    while (entry < used && state(entry) != FREE) {
      entry++;
    }
    if (entry == used) {
      grow(used);
    }
    long place = place(entry);
    long ticket = (long) Words.LONG.getVolatile(segment, base + NEXT);
    Words.LONG.setVolatile(segment, base + NEXT, ticket + 1);
    Words.LONG.setVolatile(segment, place + TICKET, ticket);
    Words.INT.setVolatile(segment, place + SLEEPS, AWAKE);
    Words.INT.setVolatile(segment, place, WAITING << STATE_SHIFT | processes.self());
    return entry;
  }

  private void grow(int used) {
    if (used == MOST) {
      throw new IllegalStateException(
          MOST + " threads wait for one shared object already; no more can");
    }
    if (used >= FIRST && Integer.bitCount(used) == 1) {
      long chunk = base + CHUNKS + chunkOf(used) * 8L;
      if ((long) Words.LONG.getVolatile(segment, chunk) == 0) {
        Words.LONG.setVolatile(segment, chunk, more.applyAsLong((long) used * ENTRY_BYTES));
      }
    }
    Words.INT.setVolatile(segment, base + USED, used + 1);
  }

  private static int chunkOf(int entry) {
    return 31 - Integer.numberOfLeadingZeros(entry / FIRST);
  }

  /** Where the first word of an entry lies. */
  long place(int entry) {
    if (entry < FIRST) {
      return base + ENTRIES + (long) entry * ENTRY_BYTES;
    }
    int chunk = chunkOf(entry);
    long start = (long) Words.LONG.getVolatile(segment, base + CHUNKS + chunk * 8L);
    return start + (long) (entry - (FIRST << chunk)) * ENTRY_BYTES;
  }

  int used() {
    return (int) Words.INT.getVolatile(segment, base + USED);
  }

  int word(int entry) {
    return (int) Words.INT.getVolatile(segment, place(entry));
  }

  int state(int entry) {
    return word(entry) >>> STATE_SHIFT;
  }

  private int process(int entry) {
    return word(entry) & ProcessTable.ID_MASK;
  }

  void setState(int entry, int state) {
    Words.INT.setVolatile(segment, place(entry), state << STATE_SHIFT | process(entry));
  }

  void free(int entry) {
    Words.INT.setVolatile(segment, place(entry), 0);
  }

  /** Says how the thread of an entry is about to sleep; its state is to be looked at after this. */
  void prepareToSleep(int entry, int how) {
    Words.INT.setVolatile(segment, place(entry) + SLEEPS, how);
  }

  /** How the thread of an entry may sleep; to be asked after its state was changed. */
  int howItSleeps(int entry) {
    return (int) Words.INT.getVolatile(segment, place(entry) + SLEEPS);
  }

  /** The entry that has waited longest, of a process that is not known to be dead; or NOBODY. */
  int oldest() {
    int oldest = NOBODY;
    long least = Long.MAX_VALUE;
    for (int entry = 0, used = used(); entry < used; entry++) {
      if (state(entry) == WAITING && !isOfTheDead(entry)) {
        long ticket = (long) Words.LONG.getVolatile(segment, place(entry) + TICKET);
        if (ticket < least) {
          least = ticket;
          oldest = entry;
        }
      }
    }
    return oldest;
  }

  /** How many wait, without those of processes that are known to be dead. */
  int countWaiting() {
    int count = 0;
    for (int entry = 0, used = used(); entry < used; entry++) {
      if (state(entry) == WAITING && !isOfTheDead(entry)) {
        count++;
      }
    }
    return count;
  }

  /** Whether an entry's process is known to be dead. */
  boolean isOfTheDead(int entry) {
    int process = process(entry);
    return process != 0 && processes.isDead(process);
  }

  int pid(int entry) {
    return processes.pid(process(entry));
  }

  /**
   * Asks the kernel for each process that waits whether it lives, unless somebody has asked within
   * the last slice of time. Needs no lock.
   *
   * @return whether any of them is dead
   */
  boolean lookForTheDead() {
    long now = System.nanoTime();
    long last = (long) Words.LONG.getVolatile(segment, base + LOOK);
    boolean isDue = last == 0 || now - last >= Parking.SLICE_NANOS;
    return isDue && Words.LONG.compareAndSet(segment, base + LOOK, last, now) && askForTheDead();
  }

  private boolean askForTheDead() {
    boolean any = false;
    BitSet asked = new BitSet();
    for (int entry = 0, used = used(); entry < used; entry++) {
      int process = process(entry);
      int slot = process & ProcessTable.SLOTS - 1;
      if (process != 0 && !asked.get(slot)) {
        any |= !processes.isAlive(process);
        asked.set(slot);
      }
    }
    return any;
  }
}
