package multiprocessing.internal.shm;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import multiprocessing.internal.os.CrashPoint;
import multiprocessing.internal.sync.Mutex;
import multiprocessing.internal.sync.Words;
import org.jspecify.annotations.Nullable;

/** A part of a {@link RecordMap}: a table, and the lock of those who change something in it. */
final class MapStripe {
  /*
   *   +0   mutex
   *   +8   table        where the MapTable lies, 0 as long as there is none
   *   +16  generation   counts how often the table was replaced
   *   +24  count        how many entries there are
   *
   * Readers take no lock. An entry is published whole, by one store to its slot, and stays as it is
   * until the table is replaced by a copy, where what was removed or replaced is left out. The copy
   * is published by one store, too, and the old table freed. A reader that was in it may have read
   * anything, so it looks last whether the table is the same as when it began, and begins anew if
   * not: which means that a writer has got on. The old place may be the table's again by then, but
   * the generation has moved on, before `table` did. So it is read first, and checked last.
   *
   * Why a kill at any instruction does no harm. Each change of what readers see is one store: to a
   * slot, to a value of one word, or to `table`. What is only counted, here and in the table, is
   * counted again by the next holder of the mutex. Killed next to the store to `table`, a process
   * leaves at most one unused block that ends with the map.
   */
  static final long BYTES = 64;

  private static final long MUTEX = 0;
  private static final long TABLE = 8;
  private static final long GENERATION = 16;
  private static final long COUNT = 24;
  private static final int TRIES = 16;

  /** Says by the value that a key has, or null, whether to change it. */
  interface Condition {
    boolean holds(byte @Nullable [] value);
  }

  private final TreeMemory memory;
  private final MemorySegment segment;
  private final long container;
  private final long base;
  private final Mutex mutex;
  private final Runnable mend = this::mend;

  /** The stripe at a place within the block that all that it has belongs to. */
  MapStripe(SharedBlock block, long base) {
    this.memory = block.memory();
    this.segment = block.segment();
    this.container = block.offset();
    this.base = base;
    this.mutex = new Mutex(segment, base + MUTEX, memory.processes());
  }

  // --- readers ---

  byte @Nullable [] get(byte[] key, int hash) {
    while (true) {
      long generation = get(GENERATION);
      MapTable table = table();
      if (table == null) {
        return null;
      }
      if (isCurrent(table, generation)) { // so its size is true
        byte[] value = table.get(key, hash);
        if (isCurrent(table, generation)) {
          return value;
        }
      }
    }
  }

  /** All that is there at one moment. */
  List<Map.Entry<byte[], byte[]>> entries() {
    for (int i = 0; i < TRIES; i++) {
      long generation = get(GENERATION);
      MapTable table = table();
      if (table == null) {
        return List.of();
      }
      if (isCurrent(table, generation)) {
        List<Map.Entry<byte[], byte[]>> entries = entries(table);
        if (isCurrent(table, generation)) {
          return entries;
        }
      }
    }
    mutex.enter(mend); // the table is replaced faster than it can be read
    try {
      MapTable table = table();
      return table == null ? List.of() : entries(table);
    } finally {
      mutex.leave(true);
    }
  }

  private static List<Map.Entry<byte[], byte[]>> entries(MapTable table) {
    List<Map.Entry<byte[], byte[]>> entries = new ArrayList<>();
    for (long i = 0; i < table.slots(); i++) {
      Map.Entry<byte[], byte[]> entry = table.entry(i);
      if (entry != null) {
        entries.add(entry);
      }
    }
    return entries;
  }

  private boolean isCurrent(MapTable table, long generation) {
    VarHandle.acquireFence();
    return get(TABLE) == table.base() && get(GENERATION) == generation;
  }

  long size() {
    if (mutex.wantsMending()) {
      mutex.enter(mend);
      mutex.leave(true);
    }
    return get(COUNT);
  }

  // --- writers ---

  /**
   * Gives a key a value, or removes it, if the condition holds.
   *
   * @param value null to remove it
   * @return the value that it had
   */
  byte @Nullable [] write(byte[] key, int hash, byte @Nullable [] value, Condition condition) {
    boolean whole = false;
    mutex.enter(mend);
    try {
      MapTable table = table();
      long slot = table == null ? MapTable.NONE : table.slotOf(key, hash);
      byte[] old = table == null || slot == MapTable.NONE ? null : table.valueAt(slot);
      if (condition.holds(old)) {
        if (value == null) {
          remove(table, slot);
        } else if (table == null || slot == MapTable.NONE || !table.overwrite(slot, value)) {
          append(table, key, hash, value, old == null);
        }
      }
      whole = true;
      return old;
    } finally {
      mutex.leave(whole);
    }
  }

  private void remove(@Nullable MapTable table, long slot) {
    if (table != null && slot != MapTable.NONE) {
      table.removeAt(slot);
      CrashPoint.at("map.removed");
      set(COUNT, get(COUNT) - 1);
    }
  }

  private void append(@Nullable MapTable old, byte[] key, int hash, byte[] value, boolean isNew) {
    long bytes = MapTable.entryBytes(key, value);
    MapTable table = old != null && old.hasRoom(bytes) ? old : replace(old, bytes);
    long word = table.append(key, hash, value);
    long slot = isNew ? table.freeSlot(hash) : table.slotOf(key, hash);
    table.countUse(slot);
    CrashPoint.at("map.put.written");
    table.publish(slot, word);
    CrashPoint.at("map.put.published");
    if (isNew) {
      set(COUNT, get(COUNT) + 1);
    }
  }

  private MapTable replace(@Nullable MapTable old, long more) {
    MapTable table = MapTable.copy(memory, segment, old, more);
    CrashPoint.at("map.table.written");
    memory.give(table.base(), container);
    CrashPoint.at("map.table.given");
    publish(table.base());
    if (old != null) {
      memory.free(old.base());
      CrashPoint.at("map.table.freed");
    }
    return table;
  }

  private void publish(long table) {
    set(GENERATION, get(GENERATION) + 1);
    CrashPoint.at("map.table.announced");
    set(TABLE, table);
    CrashPoint.at("map.table.published");
  }

  void clear() {
    boolean whole = false;
    mutex.enter(mend);
    try {
      MapTable old = table();
      if (old != null) {
        publish(0);
        set(COUNT, 0);
        memory.free(old.base());
      }
      whole = true;
    } finally {
      mutex.leave(whole);
    }
  }

  private void mend() {
    MapTable table = table();
    if (table != null) {
      table.recount();
    }
    set(COUNT, table == null ? 0 : table.count());
  }

  private @Nullable MapTable table() {
    long place = get(TABLE);
    return place == 0 ? null : MapTable.at(segment, place);
  }

  private long get(long field) {
    return (long) Words.LONG.getAcquire(segment, base + field);
  }

  private void set(long field, long value) {
    Words.LONG.setRelease(segment, base + field, value);
  }
}
