package multiprocessing.internal.shm;

import java.lang.foreign.MemorySegment;
import multiprocessing.internal.os.CrashPoint;
import multiprocessing.internal.sync.ProcessTable;
import multiprocessing.internal.sync.Words;

/**
 * Which process has how many records of a {@link RecordQueue} in its hands: taken, and not said to
 * be done with.
 *
 * <p>All methods want the lock of the log's head to be held, but for {@link #hasDead}.
 */
final class Ledger {
  /*
   *   +0   intent   redo record: entry (index + 1) | records taken before, 0 if there is none
   *   +8   after    redo record: the entry after the change
   *   +64  entries  LOST (1 bit) | id of a process (31 bits) | records in its hands (32 bits);
   *                 of a lost one the pid instead of the id
   *
   * To take a record is to change the head of the log and an entry here. The taker notes the entry as
   * it shall be and how many records were taken so far, then moves the head, then writes the entry.
   * Who gets the lock from a dead taker sees from the head whether the record was taken, and writes
   * the entry if so. All other changes are one store.
   * A record is lost when its taker dies; its entry says so until somebody has heard of it. The first
   * entry has no process: it counts what is taken when all others are in use, and is never lost.
   */
  private static final long INTENT = 0;
  private static final long AFTER = 8;
  private static final long ENTRIES = 64;
  private static final int ENTRY_COUNT = 120;
  private static final long LOST = 1L << 63;

  static final long BYTES = ENTRIES + ENTRY_COUNT * 8L;

  private final MemorySegment segment;
  private final long base;
  private final ProcessTable processes;

  Ledger(MemorySegment segment, long base, ProcessTable processes) {
    this.segment = segment;
    this.base = base;
    this.processes = processes;
  }

  /** This process is about to take a record; so many were taken before. */
  void intend(int taken) {
    int entry = mine();
    set(AFTER, entry == 0 ? get(ENTRIES) + 1 : of(processes.self(), count(word(entry)) + 1));
    set(INTENT, (long) (entry + 1) << 32 | taken);
    CrashPoint.at("joinable.intended");
  }

  /** The record was taken. */
  void carryOut() {
    CrashPoint.at("joinable.taken");
    long intent = get(INTENT);
    setEntry((int) (intent >>> 32) - 1, get(AFTER));
    set(INTENT, 0);
  }

  /** Finishes what a dead taker was about to do; so many records were taken in the end. */
  void settle(int taken) {
    long intent = get(INTENT);
    if (intent != 0) {
      if ((int) intent != taken) {
        carryOut();
      }
      set(INTENT, 0);
    }
  }

  /** One record is done with: one of this process if it has any, else of another; false if none. */
  boolean done() {
    int self = processes.self();
    int best = -1;
    for (int entry = 0; entry < ENTRY_COUNT; entry++) {
      long word = word(entry);
      if (word > 0 && count(word) > 0) {
        best = entry;
        if (id(word) == self) {
          break;
        }
      }
    }
    if (best >= 0) {
      long word = word(best);
      setEntry(best, count(word) == 1 ? 0 : word - 1);
    }
    return best >= 0;
  }

  /** How many records are in the hands of the living, as far as that is known. */
  int inHands() {
    int sum = 0;
    for (int entry = 0; entry < ENTRY_COUNT; entry++) {
      sum += word(entry) > 0 ? count(word(entry)) : 0;
    }
    return sum;
  }

  /** How many records were lost. */
  int lost() {
    int sum = 0;
    for (int entry = 1; entry < ENTRY_COUNT; entry++) {
      sum += word(entry) < 0 ? count(word(entry)) : 0;
    }
    return sum;
  }

  /** The pid of a process that has lost records; 0 if there is none. */
  int pidOfTheDead() {
    for (int entry = 1; entry < ENTRY_COUNT; entry++) {
      if (word(entry) < 0) {
        return id(word(entry));
      }
    }
    return 0;
  }

  /** Forgets what was lost; says how many records that were. */
  int forgetLost() {
    int sum = lost();
    for (int entry = 1; entry < ENTRY_COUNT; entry++) {
      if (word(entry) < 0) {
        setEntry(entry, 0);
      }
    }
    return sum;
  }

  /** Whether a process is dead that has records in its hands; asks the kernel. */
  boolean hasDead() {
    boolean any = false;
    for (int entry = 1; entry < ENTRY_COUNT; entry++) {
      long word = word(entry);
      any |= word > 0 && !processes.isAlive(id(word));
    }
    return any;
  }

  /** Counts as lost what those have in their hands who are known to be dead. */
  void bury() {
    for (int entry = 1; entry < ENTRY_COUNT; entry++) {
      long word = word(entry);
      if (word > 0 && processes.isDead(id(word))) {
        setEntry(entry, LOST | of(processes.pid(id(word)), count(word)));
        CrashPoint.at("joinable.buried");
      }
    }
  }

  /** The entry of this process, or one for it; the first one if there is no other. */
  private int mine() {
    int self = processes.self();
    int free = 0;
    for (int entry = ENTRY_COUNT - 1; entry > 0; entry--) {
      long word = word(entry);
      if (word > 0 && id(word) == self) {
        return entry;
      }
      if (word == 0) {
        free = entry;
      }
    }
    return free;
  }

  private static long of(int id, int count) {
    return (long) id << 32 | count;
  }

  private static int id(long word) {
    return (int) (word >>> 32) & Integer.MAX_VALUE;
  }

  private static int count(long word) {
    return (int) word;
  }

  private long word(int entry) {
    return get(ENTRIES + entry * 8L);
  }

  private void setEntry(int entry, long word) {
    set(ENTRIES + entry * 8L, word);
  }

  private long get(long field) {
    return (long) Words.LONG.getVolatile(segment, base + field);
  }

  private void set(long field, long value) {
    Words.LONG.setRelease(segment, base + field, value);
  }
}
