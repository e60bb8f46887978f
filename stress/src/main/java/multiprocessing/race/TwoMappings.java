package multiprocessing.race;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicLong;
import multiprocessing.internal.os.SharedFile;
import multiprocessing.internal.sync.ProcessTable;

/**
 * Two mappings of one memory file, each enrolled as a process of its own: what is done by way of
 * one is seen by way of the other as if it came from another process.
 */
public final class TwoMappings {
  public static final MemorySegment FIRST;
  public static final MemorySegment SECOND;
  public static final ProcessTable FIRST_TABLE;
  public static final ProcessTable SECOND_TABLE;

  /** What each state of a test has for itself. */
  private static final long SLOT_BYTES = 2048;

  /** More states are not alive at a time. */
  private static final int SLOTS = 1 << 15;

  private static final long BYTES = ProcessTable.BYTES + SLOTS * SLOT_BYTES;
  private static final AtomicLong NEXT = new AtomicLong();

  static {
    int fd = SharedFile.create("multiprocessing-race", BYTES);
    FIRST = SharedFile.map(fd, BYTES);
    SECOND = SharedFile.map(fd, BYTES);
    FIRST_TABLE = new ProcessTable(FIRST, 0);
    SECOND_TABLE = new ProcessTable(SECOND, 0);
    FIRST_TABLE.enrol();
    SECOND_TABLE.enrol();
  }

  private TwoMappings() {}

  /** The place of some memory that is zero, and nobody else's for a while. */
  public static long slot() {
    long slot = ProcessTable.BYTES + NEXT.getAndIncrement() % SLOTS * SLOT_BYTES;
    FIRST.asSlice(slot, SLOT_BYTES).fill((byte) 0);
    return slot;
  }

  static int plain(MemorySegment mapping, long offset) {
    return mapping.get(ValueLayout.JAVA_INT, offset);
  }

  static void setPlain(MemorySegment mapping, long offset, int value) {
    mapping.set(ValueLayout.JAVA_INT, offset, value);
  }
}
