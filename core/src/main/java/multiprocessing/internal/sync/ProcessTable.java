package multiprocessing.internal.sync;

import java.lang.foreign.MemorySegment;
import java.util.function.IntConsumer;
import multiprocessing.internal.os.Guest;
import multiprocessing.internal.os.ProcessControl;
import multiprocessing.internal.os.ProcessStat;

/**
 * Who belongs to the tree of processes, and who of them is dead.
 *
 * <p>Each process of the tree holds one slot for its life. A process is named by an id of 30 bits,
 * slot and generation, so that one word of a lock can carry it; the id of a dead process never
 * becomes that of a living one while a lock still names it (a slot's generation comes round after
 * 262,144 processes).
 *
 * <p>A {@link Guest}, a thread that counts as a process, has a slot as well. It is the owner of the
 * locks that it takes; memory belongs to the process in which it lives.
 */
public final class ProcessTable {
  /*
   * Slot, 64 bytes:
   *
   *   +0  identity  start time (22 bits) | pid (22) | generation (18) | state (2)
   *   +8  spinning  threads of this process that spin just now
   *   +16 grasp     first block of the list of what the process holds (see internal.shm)
   *   +24 parent    id of the process that started this one
   *
   * One word is the whole identity, so a slot is claimed, declared dead and freed by one
   * compare-and-set each: whoever is killed in between leaves a slot in one of three states, all of
   * which the others understand. FREE -> LIVE is done by the process itself, LIVE -> DEAD by whoever
   * notices first, DEAD -> FREE (next generation) by whoever has swept what the dead one left.
   * Pids are below 2^22 on Linux, the low 22 bits of the start time (in ticks of 10 ms) tell two
   * processes with one pid apart unless they started exactly a multiple of 11.6 hours apart.
   */
  public static final int SLOTS = 4096;
  public static final int SLOT_BYTES = 64;
  public static final long BYTES = (long) SLOTS * SLOT_BYTES;

  /** The bits of a word that may hold an id. */
  public static final int ID_MASK = (1 << 30) - 1;

  private static final int SLOT_BITS = 12;
  private static final int GENERATION_MASK = (1 << 18) - 1;
  private static final int PID_MASK = (1 << 22) - 1;

  /** How many slots are used at least before one is used again. */
  private static final int FEW = 64;

  private static final int FREE = 0;
  private static final int LIVE = 1;
  private static final int DEAD = 2;

  private static final long SPINNING = 8;
  private static final long GRASP = 16;
  private static final long PARENT = 24;

  private final MemorySegment segment;
  private final long base;
  private int home;

  public ProcessTable(MemorySegment segment, long base) {
    this.segment = segment;
    this.base = base;
  }

  /**
   * Takes a slot for the calling process, also if it has none yet because it was just forked.
   *
   * @throws IllegalStateException if the tree has {@value #SLOTS} processes already
   */
  public int enrol() {
    Parking.forked(); // also in the first process: none that is forked need load it then
    if (home != 0) {
      Guest.forked();
    }
    ProcessStat stat = ProcessStat.self();
    home = claim(ProcessControl.pid(), stat.startTime(), idOf(stat.parent()));
    return home;
  }

  /**
   * Takes a slot for a guest of this process, which is the calling thread.
   *
   * @throws IllegalStateException if the tree has {@value #SLOTS} processes already
   */
  public void enrol(Guest guest) {
    ProcessStat stat = ProcessStat.of((int) guest.pid());
    guest.setTableId(claim(guest.pid(), stat.startTime(), home));
  }

  private int claim(long pid, long start, int parent) {
    for (int slot = leastUsed(); slot >= 0; slot = leastUsed()) {
      long old = identity(slot);
      int generation = Math.max(1, (generation(old) + 1) & GENERATION_MASK);
      long claimed =
          (start & PID_MASK) << 42 | (pid & PID_MASK) << 20 | (long) generation << 2 | LIVE;
      if (state(old) == FREE && Words.LONG.compareAndSet(segment, at(slot), old, claimed)) {
        Words.INT.setVolatile(segment, at(slot) + SPINNING, 0);
        Words.LONG.setVolatile(segment, at(slot) + GRASP, 0L);
        Words.INT.setVolatile(segment, at(slot) + PARENT, parent);
        return generation << SLOT_BITS | slot;
      }
    }
    throw new IllegalStateException(
        "a tree of processes has at most " + SLOTS + " processes, and all are in use");
  }

  /**
   * A slot that is free, and has not been given back just now: it tells the pid of a dead process
   * to those who are yet to hear of that. -1 if none is free.
   */
  private int leastUsed() {
    int found = -1;
    for (int slot = 0; slot < SLOTS; slot++) {
      long identity = identity(slot);
      if (identity == 0) { // slots are taken in order: from here on none was ever used
        return found < 0 || slot < FEW ? slot : found;
      }
      if (state(identity) == FREE
          && (found < 0 || generation(identity) < generation(identity(found)))) {
        found = slot;
      }
    }
    return found;
  }

  /** Whether the calling process is enrolled: not if it was forked from one that is. */
  public boolean isEnrolled() {
    return home != 0 && pid(home) == ProcessControl.pid();
  }

  /**
   * The id of the calling process, which is a guest if the calling thread belongs to one; 0 before
   * it is enrolled.
   */
  public int self() {
    Guest guest = Guest.current();
    return guest == null ? home : guest.tableId();
  }

  /** The id of the process whose memory this is, whoever of its guests calls. */
  public int home() {
    return home;
  }

  /** The pid of a process, also of one that died, until its slot is used again; else 0. */
  public int pid(int id) {
    long identity = identity(slot(id));
    return generation(identity) == generationOf(id) ? pidOf(identity) : 0;
  }

  /** A process as a report names it. */
  public String describe(int id) {
    return "process " + pid(id) + (isDead(id) ? " (dead)" : "");
  }

  /** The process that started {@code id}, or 0. */
  public int parent(int id) {
    return (int) Words.INT.getVolatile(segment, at(slot(id)) + PARENT);
  }

  /**
   * Whether the process still runs. Asks the kernel, so it costs some tens of microseconds unless
   * the answer is known already.
   */
  public boolean isAlive(int id) {
    if (id == home || id == self()) {
      return true;
    }
    int slot = slot(id);
    long identity = identity(slot);
    if (generation(identity) != generationOf(id) || state(identity) != LIVE) {
      return false;
    }
    ProcessStat stat = ProcessStat.of(pidOf(identity));
    boolean sameStart =
        stat.startTime() == ProcessStat.UNKNOWN_TIME
            || (stat.startTime() & PID_MASK) == startOf(identity);
    if (stat.isAlive() && sameStart) {
      return true;
    }
    declareDead(id);
    return false;
  }

  /** The id of the process {@code pid}, or 0 if no process of the tree has that pid. */
  private int idOf(long pid) {
    for (int slot = 0; slot < SLOTS; slot++) {
      long identity = identity(slot);
      if (identity == 0) {
        break; // slots are taken in order: beyond here none was ever used
      }
      if (state(identity) != FREE && pidOf(identity) == pid) {
        return generation(identity) << SLOT_BITS | slot;
      }
    }
    return 0;
  }

  /** Says that the process {@code pid} is known to be dead; returns its id, or 0 if it has none. */
  public int bury(long pid) {
    int id = idOf(pid);
    if (id != 0) {
      declareDead(id);
    }
    return id;
  }

  /** Whether the process is known to be dead, without asking the kernel. */
  public boolean isDead(int id) {
    long identity = identity(slot(id));
    return generation(identity) != generationOf(id) || state(identity) != LIVE;
  }

  /** Gives the slot of a dead process back, once nothing of it is left. */
  public void forget(int id) {
    int slot = slot(id);
    long identity = identity(slot);
    if (generation(identity) == generationOf(id) && state(identity) == DEAD) {
      // The pid stays, for those who are yet to hear that this process held what they wait for.
      Words.LONG.compareAndSet(segment, at(slot), identity, (identity & ~3L) | FREE);
    }
  }

  /** Visits the id of each process that is not yet forgotten, dead ones included. */
  public void forEach(IntConsumer visitor) {
    for (int slot = 0; slot < SLOTS; slot++) {
      long identity = identity(slot);
      if (identity == 0) {
        return;
      }
      if (state(identity) != FREE) {
        visitor.accept(generation(identity) << SLOT_BITS | slot);
      }
    }
  }

  /** Where the first word of the list of what a process holds lies. */
  public long graspOffset(int id) {
    return at(slot(id)) + GRASP;
  }

  /** How many threads of the whole tree spin just now. */
  int spinning() {
    int sum = 0;
    for (int slot = 0; slot < SLOTS; slot++) {
      long identity = identity(slot);
      if (identity == 0) {
        break;
      }
      if (state(identity) == LIVE) {
        sum += (int) Words.INT.getOpaque(segment, at(slot) + SPINNING);
      }
    }
    return sum;
  }

  void addSpinning(int delta) {
    Words.INT.getAndAdd(segment, at(slot(home)) + SPINNING, delta);
  }

  /** Says that a process is known to be dead. */
  void declareDead(int id) {
    int slot = slot(id);
    long identity = identity(slot);
    if (generation(identity) == generationOf(id) && state(identity) == LIVE) {
      Words.LONG.compareAndSet(segment, at(slot), identity, (identity & ~3L) | DEAD);
    }
  }

  private long at(int slot) {
    return base + (long) slot * SLOT_BYTES;
  }

  private long identity(int slot) {
    return (long) Words.LONG.getVolatile(segment, at(slot));
  }

  private static int slot(int id) {
    return id & (SLOTS - 1);
  }

  private static int generationOf(int id) {
    return id >>> SLOT_BITS;
  }

  private static int state(long identity) {
    return (int) (identity & 3);
  }

  private static int generation(long identity) {
    return (int) (identity >>> 2) & GENERATION_MASK;
  }

  private static int pidOf(long identity) {
    return (int) (identity >>> 20) & PID_MASK;
  }

  private static int startOf(long identity) {
    return (int) (identity >>> 42) & PID_MASK;
  }
}
