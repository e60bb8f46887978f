package multiprocessing.internal.shm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Map;
import multiprocessing.internal.sync.Words;
import org.jspecify.annotations.Nullable;

/**
 * A hash table in a block of its own, into which entries are put until it is full.
 *
 * <p>A reader may look at one that was freed under it, and meet anything there: what it finds is
 * checked against the size of the table, and then against the stripe, which says whether the table
 * is still in use.
 */
final class MapTable {
  /*
   *   +0   slots     how many there are, a power of two
   *   +8   bytes     size of the whole
   *   +16  end       where the next entry goes, counted from the beginning of the table
   *   +24  used      how many slots are not empty
   *   +64  slots     hash of the key (32 bits) | where the entry lies, in words (32 bits);
   *                  0 if empty, REMOVED if the entry was removed
   *        entries   length of the value (32 bits) | of the key (32 bits); the key, filled up with
   *                  zeros to whole words; the value, likewise
   *
   * An entry is written beyond `end`, then published by one store to its slot. It never changes
   * afterwards, but for a value of one word, which may be replaced by one store.
   */
  private static final long SLOTS = 0;
  private static final long SIZE = 8;
  private static final long END = 16;
  private static final long USED = 24;
  private static final long HEAD = 64;
  private static final long WORD = 8;
  private static final long REMOVED = 1; // no entry lies there, that is in the head
  private static final long FEWEST_SLOTS = 16;
  private static final long LEAST_BYTES = 512;
  private static final long LARGEST = WORD << 32; // what a slot can name
  private static final VarHandle BYTES_AS_LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** What {@link #find} gives if there is no such key. */
  static final long NONE = 0;

  private final MemorySegment segment;
  private final long base;
  private final long slots;
  private final long size;

  private MapTable(MemorySegment segment, long base, long slots, long size) {
    this.segment = segment;
    this.base = base;
    this.slots = slots;
    this.size = size;
  }

  /** The table at a place. */
  static MapTable at(MemorySegment segment, long base) {
    return new MapTable(segment, base, get(segment, base + SLOTS), get(segment, base + SIZE));
  }

  /**
   * A new table with the entries of another one, and room for as much again; in a block that
   * belongs to this process.
   *
   * @param old what to copy, or null
   * @param more bytes of an entry that is to have room as well
   */
  static MapTable copy(
      TreeMemory memory, MemorySegment segment, @Nullable MapTable old, long more) {
    long count = old == null ? 0 : old.count();
    long live = old == null ? 0 : old.liveBytes();
    long slots = Math.max(FEWEST_SLOTS, Long.highestOneBit(count + 1) * 4);
    long size = HEAD + slots * WORD + Math.max(LEAST_BYTES, 2 * (live + more));
    if (size > LARGEST) {
      throw new IllegalStateException("a 64th of a shared map would be of " + size + " bytes");
    }
    long base = memory.allocate(size);
    segment.asSlice(base, HEAD + slots * WORD).fill((byte) 0);
    MapTable table = new MapTable(segment, base, slots, size);
    table.set(base + SLOTS, slots);
    table.set(base + SIZE, size);
    long end = HEAD + slots * WORD;
    if (old != null) {
      for (long i = 0; i < old.slots; i++) {
        long word = old.slot(i);
        if (isEntry(word)) {
          long from = place(word);
          long bytes = old.entryBytes(from);
          MemorySegment.copy(segment, old.base + from, segment, base + end, bytes);
          table.set(table.freeSlot((int) (word >>> 32)), (word & (-1L << 32)) | (end / WORD));
          end += bytes;
        }
      }
    }
    table.set(base + USED, count);
    table.set(base + END, end);
    return table;
  }

  /** Where it lies. */
  long base() {
    return base;
  }

  // --- reading ---

  /** The value of a key; null if it has none, or if the table was freed. */
  byte @Nullable [] get(byte[] key, int hash) {
    long entry = find(key, hash, false);
    return entry == NONE ? null : value(entry);
  }

  /** The place of the slot of a key, or {@link #NONE}; for writers, since it may change at once. */
  long slotOf(byte[] key, int hash) {
    return find(key, hash, true);
  }

  private long find(byte[] key, int hash, boolean wantsSlot) {
    for (long i = 0; i < slots; i++) {
      long slot = base + HEAD + (hash + i & slots - 1) * WORD;
      long word = get(segment, slot);
      if (word == 0) {
        return NONE;
      }
      if ((int) (word >>> 32) == hash && isEntry(word) && hasKey(place(word), key)) {
        return wantsSlot ? slot : place(word);
      }
    }
    return NONE;
  }

  private boolean hasKey(long entry, byte[] key) {
    long from = entry + WORD;
    if (from + fill(key.length) > size || keyLength(entry) != key.length) {
      return false;
    }
    for (int i = 0; i < key.length; i += (int) WORD) {
      if ((long) Words.LONG.get(segment, base + from + i) != word(key, i)) {
        return false;
      }
    }
    return true;
  }

  /** The value at a slot that {@link #slotOf} gave to a writer. */
  byte @Nullable [] valueAt(long slot) {
    return value(place(get(segment, slot)));
  }

  /** The entry of the i-th slot; null if it has none, or if the table was freed. */
  Map.@Nullable Entry<byte[], byte[]> entry(long i) {
    long word = slot(i);
    long entry = place(word);
    if (!isEntry(word) || entry + WORD > size) {
      return null;
    }
    byte[] key = bytes(entry + WORD, keyLength(entry));
    byte[] value = value(entry);
    return key == null || value == null ? null : Map.entry(key, value);
  }

  long slots() {
    return slots;
  }

  /** How many entries there are: counted. */
  long count() {
    long count = 0;
    for (long i = 0; i < slots; i++) {
      count += isEntry(slot(i)) ? 1 : 0;
    }
    return count;
  }

  private byte @Nullable [] value(long entry) {
    if (entry + WORD > size) {
      return null;
    }
    return bytes(entry + WORD + fill(keyLength(entry)), valueLength(entry));
  }

  private byte @Nullable [] bytes(long from, int length) {
    if (length < 0 || from < HEAD || from + fill(length) > size) {
      return null; // was freed
    }
    byte[] bytes = new byte[length];
    if (length == WORD) {
      BYTES_AS_LONG.set(bytes, 0, get(segment, base + from));
    } else if (length < WORD && length > 0) {
      long word = get(segment, base + from);
      for (int i = 0; i < length; i++) {
        bytes[i] = (byte) (word >>> (Byte.SIZE * i));
      }
    } else {
      MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, base + from, bytes, 0, length);
    }
    return bytes;
  }

  // --- writing, by one at a time ---

  /** How many bytes an entry takes. */
  static long entryBytes(byte[] key, byte[] value) {
    return WORD + fill(key.length) + fill(value.length);
  }

  /** Whether there is room for one more entry. */
  boolean hasRoom(long bytes) {
    return get(segment, base + END) + bytes <= size
        && (get(segment, base + USED) + 1) * 4 <= slots * 3;
  }

  /** Writes an entry that nobody sees yet; gives the word that a slot is to have for it. */
  long append(byte[] key, int hash, byte[] value) {
    long entry = get(segment, base + END);
    set(base + entry, (long) value.length << 32 | key.length);
    write(base + entry + WORD, key);
    write(base + entry + WORD + fill(key.length), value);
    set(base + END, entry + entryBytes(key, value));
    return (long) hash << 32 | entry / WORD;
  }

  private void write(long at, byte[] bytes) {
    int whole = bytes.length & -(int) WORD;
    MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, at, whole);
    if (whole < bytes.length) {
      set(at + whole, word(bytes, whole));
    }
  }

  /** The place of the slot for a key that is not there. */
  long freeSlot(int hash) {
    long i = hash;
    while (isEntry(slot(i & slots - 1))) {
      i++;
    }
    return base + HEAD + (i & slots - 1) * WORD;
  }

  /** Publishes an entry. */
  void publish(long slot, long word) {
    set(slot, word);
  }

  /** Counts a slot that is empty, and shall not be any more. */
  void countUse(long slot) {
    if (get(segment, slot) == 0) {
      set(base + USED, get(segment, base + USED) + 1);
    }
  }

  /** Removes the entry of a slot. */
  void removeAt(long slot) {
    set(slot, REMOVED);
  }

  /** Replaces the value of a slot where it lies, if that takes one store. */
  boolean overwrite(long slot, byte[] value) {
    long entry = place(get(segment, slot));
    if (value.length == 0 || value.length > WORD || valueLength(entry) != value.length) {
      return false;
    }
    set(base + entry + WORD + fill(keyLength(entry)), word(value, 0));
    return true;
  }

  /** Counts again what a dead writer may have left uncounted. */
  void recount() {
    long used = 0;
    for (long i = 0; i < slots; i++) {
      used += slot(i) == 0 ? 0 : 1;
    }
    set(base + USED, used);
  }

  private long liveBytes() {
    long bytes = 0;
    for (long i = 0; i < slots; i++) {
      bytes += isEntry(slot(i)) ? entryBytes(place(slot(i))) : 0;
    }
    return bytes;
  }

  private long entryBytes(long entry) {
    return WORD + fill(keyLength(entry)) + fill(valueLength(entry));
  }

  // --- words ---

  private int keyLength(long entry) {
    return (int) get(segment, base + entry);
  }

  private int valueLength(long entry) {
    return (int) (get(segment, base + entry) >>> 32);
  }

  private long slot(long i) {
    return get(segment, base + HEAD + i * WORD);
  }

  private static boolean isEntry(long word) {
    return word != 0 && word != REMOVED;
  }

  private static long place(long word) {
    return (word & 0xFFFF_FFFFL) * WORD;
  }

  private static long fill(long bytes) {
    return bytes + WORD - 1 & -WORD;
  }

  /** Eight bytes of an array from an index on, zeros behind its end. */
  static long word(byte[] bytes, int from) {
    if (from + WORD <= bytes.length) {
      return (long) BYTES_AS_LONG.get(bytes, from);
    }
    long word = 0;
    for (int i = from; i < bytes.length; i++) {
      word |= (bytes[i] & 0xFFL) << (Byte.SIZE * (i - from));
    }
    return word;
  }

  private static long get(MemorySegment segment, long at) {
    return (long) Words.LONG.getAcquire(segment, at);
  }

  private void set(long at, long value) {
    Words.LONG.setRelease(segment, at, value);
  }
}
