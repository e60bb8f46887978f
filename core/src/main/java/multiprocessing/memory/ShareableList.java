package multiprocessing.memory;

import java.io.IOException;
import java.io.Serial;
import java.io.Serializable;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Objects;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/**
 * A list of fixed length in shared memory. The counterpart of {@code
 * multiprocessing.shared_memory.ShareableList}, and byte for byte the same in memory: a list made
 * here opens in CPython by its name, and the other way round.
 *
 * {@snippet :
 * ShareableList list = ShareableList.of("howdy", 273, -4.5, true, null);
 * list.set(1, 100);
 * String name = list.memory().name(); // in Python: ShareableList(name=…)
 * }
 *
 * <p>It holds whole numbers (given back as {@link Long}), {@link Double}s, {@link Boolean}s, {@link
 * String}s, {@code byte[]}s and {@code null}. An item may be replaced by one of another type, but a
 * text must fit the room that its place was made with: 8 bytes for a number, and for a text of
 * <i>n</i> bytes of UTF-8 the next multiple of 8 above <i>n</i>. As in Python, NUL characters at
 * the end of a text or of bytes are not kept. {@link #indexOf}, {@link #contains} and {@link
 * #count} compare bytes by what they hold.
 *
 * <h2>Sharing</h2>
 *
 * Travels by its name, as {@link SharedMemory} does.
 *
 * <h2>Memory effects</h2>
 *
 * None: nothing is locked. A reader beside a writer may see half of an item, or its bytes under the
 * type of the item before.
 *
 * <h2>If a process dies</h2>
 *
 * As with {@link SharedMemory}. A writer that is killed may leave its item half written.
 *
 * <h2>Cost</h2>
 *
 * A system call or two to make it or to attach. An access of an item makes objects, but no system
 * call.
 */
public final class ShareableList extends AbstractList<@Nullable Object>
    implements RandomAccess, AutoCloseable, Serializable {
  /*
   *   +0            number of items n              long
   *   +8            offset of each item's bytes    long[n + 1], the last one is the end
   *   data          bytes of the items
   *   data + end    how each item is to be read    byte[8][n], CPython's format of struct:
   *                   q long · d double · xxxxxxx? boolean in the last byte · xxxxxx?x None ·
   *                   <room>s text or bytes
   *   ... + 8 * n   what each item is              byte[n]: see the codes below
   *
   * All in the byte order of the machine, as struct has it by default.
   */
  @Serial private static final long serialVersionUID = 1L;

  private static final String PREFIX = "psm_";
  private static final String LONG = "q";
  private static final String DOUBLE = "d";
  private static final String BOOLEAN = "xxxxxxx?";
  private static final String NONE = "xxxxxx?x";
  private static final int UNIT = 8;
  private static final int BOOLEAN_BYTE = 7;

  private static final byte AS_IT_IS = 0;
  private static final byte TEXT = 1;
  private static final byte BYTES = 2;
  private static final byte NOTHING = 3;

  private final SharedMemory memory;
  private final int size;
  private final long data;
  private final long formats;

  /** An item as it lies in memory; {@code bytes} is null for what always takes 8 bytes. */
  private record Encoded(String format, byte code, long word, byte @Nullable [] bytes) {
    static Encoded of(@Nullable Object item) {
      return switch (canonical(item)) {
        case null -> new Encoded(NONE, NOTHING, 0, null);
        case Long number -> new Encoded(LONG, AS_IT_IS, number, null);
        case Double number ->
            new Encoded(DOUBLE, AS_IT_IS, Double.doubleToRawLongBits(number), null);
        case Boolean truth -> new Encoded(BOOLEAN, AS_IT_IS, truth ? 1 : 0, null);
        case String text -> text(text.getBytes(StandardCharsets.UTF_8), TEXT);
        case byte[] bytes -> text(bytes, BYTES);
        default ->
            throw new IllegalArgumentException(
                "a ShareableList holds numbers, booleans, strings, byte[] and null, not a "
                    + Objects.requireNonNull(item).getClass().getName());
      };
    }

    private static Encoded text(byte[] bytes, byte code) {
      return new Encoded((bytes.length / UNIT + 1) * UNIT + "s", code, 0, bytes);
    }

    /** The room that the item takes in a new list. */
    int room() {
      return bytes == null ? UNIT : (bytes.length / UNIT + 1) * UNIT;
    }
  }

  private ShareableList(SharedMemory memory) {
    this.memory = memory;
    MemorySegment segment = memory.segment();
    long count = segment.byteSize() < 2 * UNIT ? -1 : segment.get(ValueLayout.JAVA_LONG, 0);
    long most = (segment.byteSize() - 2 * UNIT) / UNIT;
    long end = -1;
    if (count >= 0 && count <= most) {
      end = segment.get(ValueLayout.JAVA_LONG, (count + 1) * UNIT);
    }
    this.data = (count + 2) * UNIT;
    this.formats = data + end;
    if (end < 0 || end > segment.byteSize() || formats + count * (UNIT + 1) > segment.byteSize()) {
      throw new IllegalArgumentException(memory + " holds no ShareableList");
    }
    this.size = Math.toIntExact(count);
  }

  /**
   * Makes a list with a new name.
   *
   * @param items what it holds
   * @return the list, whose memory this process owns
   * @throws IllegalArgumentException if an item is of a type that it cannot hold
   * @throws multiprocessing.error.SharedMemoryExhaustedException if there is no room for it
   */
  public static ShareableList of(@Nullable Object... items) {
    Encoded[] encoded = encode(items);
    return fill(SharedMemory.createAs(PREFIX, bytes(encoded)), encoded);
  }

  /**
   * Makes a list.
   *
   * @param name its name
   * @param items what it holds
   * @return the list, whose memory this process owns
   * @throws java.nio.file.FileAlreadyExistsException if there is shared memory of that name
   * @throws IOException if {@code /dev/shm} cannot be used
   * @throws IllegalArgumentException if an item is of a type that it cannot hold, or the name is no
   *     name
   * @throws multiprocessing.error.SharedMemoryExhaustedException if there is no room for it
   */
  public static ShareableList create(String name, Collection<? extends @Nullable Object> items)
      throws IOException {
    Encoded[] encoded = encode(items.toArray());
    return fill(SharedMemory.create(name, bytes(encoded)), encoded);
  }

  /**
   * Opens a list, of whatever program.
   *
   * @param name its name
   * @return the list
   * @throws java.nio.file.NoSuchFileException if there is none of that name
   * @throws IOException if it cannot be opened for another reason
   * @throws IllegalArgumentException if there is something else under that name
   */
  public static ShareableList attach(String name) throws IOException {
    SharedMemory memory = SharedMemory.attach(name);
    try {
      return new ShareableList(memory);
    } catch (IllegalArgumentException e) {
      memory.close();
      throw e;
    }
  }

  private static Encoded[] encode(@Nullable Object[] items) {
    Encoded[] encoded = new Encoded[items.length];
    for (int i = 0; i < items.length; i++) {
      encoded[i] = Encoded.of(items[i]);
      if (encoded[i].format.length() > UNIT) {
        throw new IllegalArgumentException("item " + i + " is longer than 9,999,991 bytes");
      }
    }
    return encoded;
  }

  private static long bytes(Encoded[] items) {
    long bytes = 2 * UNIT + (2L * UNIT + 1) * items.length;
    for (Encoded item : items) {
      bytes += item.room();
    }
    return bytes;
  }

  private static ShareableList fill(SharedMemory memory, Encoded[] items) {
    MemorySegment segment = memory.segment();
    long end = 0;
    for (int i = 0; i < items.length; i++) {
      end += items[i].room();
      segment.set(ValueLayout.JAVA_LONG, (i + 2L) * UNIT, end);
    }
    segment.set(ValueLayout.JAVA_LONG, 0, items.length);
    ShareableList list = new ShareableList(memory);
    for (int i = 0; i < items.length; i++) {
      list.write(i, items[i], items[i].format);
    }
    return list;
  }

  /** Returns how many items it has. */
  @Override
  public int size() {
    return size;
  }

  /**
   * Returns an item.
   *
   * @throws IndexOutOfBoundsException if there is none
   * @throws IllegalStateException if it is closed, or somebody has damaged it
   */
  @Override
  public @Nullable Object get(int index) {
    Objects.checkIndex(index, size);
    MemorySegment segment = memory.segment();
    long at = at(index);
    String format = format(index);
    return switch (format) {
      case LONG -> segment.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
      case DOUBLE -> segment.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, at);
      case BOOLEAN -> segment.get(ValueLayout.JAVA_BYTE, at + BOOLEAN_BYTE) != 0;
      case NONE -> null;
      default -> readBytes(index, at, format);
    };
  }

  private Object readBytes(int index, long at, String format) {
    byte code = memory.segment().get(ValueLayout.JAVA_BYTE, codeAt(index));
    int length = room(index);
    if (!format.matches("[0-9]+s") || (code != TEXT && code != BYTES)) {
      throw new IllegalStateException(
          "item " + index + " of " + memory + " has the format '" + format + "', which is unknown");
    }
    byte[] bytes = memory.segment().asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
    while (length > 0 && bytes[length - 1] == 0) {
      length--;
    }
    return code == TEXT
        ? new String(bytes, 0, length, StandardCharsets.UTF_8)
        : Arrays.copyOf(bytes, length);
  }

  /**
   * Replaces an item.
   *
   * @return the item before
   * @throws IndexOutOfBoundsException if there is none
   * @throws IllegalArgumentException if it does not fit its place, or is of a type that the list
   *     cannot hold; nothing is changed then
   * @throws IllegalStateException if it is closed
   */
  @Override
  public @Nullable Object set(int index, @Nullable Object item) {
    Object former = get(index);
    Encoded encoded = Encoded.of(item);
    int room = room(index);
    if (encoded.bytes != null && encoded.bytes.length > room) {
      throw new IllegalArgumentException(
          "an item of "
              + encoded.bytes.length
              + " bytes does not fit place "
              + index
              + ", which was made with "
              + room);
    }
    write(index, encoded, encoded.bytes == null ? encoded.format : room + "s");
    return former;
  }

  private void write(int index, Encoded item, String format) {
    MemorySegment segment = memory.segment();
    long at = at(index);
    if (item.bytes != null) {
      segment.asSlice(at, room(index)).fill((byte) 0);
      MemorySegment.copy(item.bytes, 0, segment, ValueLayout.JAVA_BYTE, at, item.bytes.length);
    } else if (item.format.equals(BOOLEAN)) {
      segment.asSlice(at, UNIT).fill((byte) 0);
      segment.set(ValueLayout.JAVA_BYTE, at + BOOLEAN_BYTE, (byte) item.word);
    } else {
      segment.set(ValueLayout.JAVA_LONG_UNALIGNED, at, item.word);
    }
    byte[] name = Arrays.copyOf(format.getBytes(StandardCharsets.US_ASCII), UNIT);
    MemorySegment.copy(name, 0, segment, ValueLayout.JAVA_BYTE, formatAt(index), UNIT);
    segment.set(ValueLayout.JAVA_BYTE, codeAt(index), item.code);
  }

  private static @Nullable Object canonical(@Nullable Object item) {
    return switch (item) {
      case Byte number -> number.longValue();
      case Short number -> number.longValue();
      case Integer number -> number.longValue();
      case Float number -> number.doubleValue();
      case null, default -> item;
    };
  }

  /** Returns the index of the first item that equals this one; -1 if there is none. */
  @Override
  public int indexOf(@Nullable Object item) {
    Object wanted = canonical(item);
    for (int i = 0; i < size; i++) {
      if (Objects.deepEquals(get(i), wanted)) {
        return i;
      }
    }
    return -1;
  }

  /** Returns the index of the last item that equals this one; -1 if there is none. */
  @Override
  public int lastIndexOf(@Nullable Object item) {
    Object wanted = canonical(item);
    for (int i = size - 1; i >= 0; i--) {
      if (Objects.deepEquals(get(i), wanted)) {
        return i;
      }
    }
    return -1;
  }

  /** Returns whether an item equals this one. */
  @Override
  public boolean contains(@Nullable Object item) {
    return indexOf(item) >= 0;
  }

  /**
   * Returns how many items equal this one.
   *
   * @param item what to look for
   */
  public int count(@Nullable Object item) {
    Object wanted = canonical(item);
    int count = 0;
    for (int i = 0; i < size; i++) {
      count += Objects.deepEquals(get(i), wanted) ? 1 : 0;
    }
    return count;
  }

  /** Returns how the items lie in memory, as CPython's {@code struct} writes it. */
  public String format() {
    StringBuilder format = new StringBuilder();
    for (int i = 0; i < size; i++) {
      format.append(format(i));
    }
    return format.toString();
  }

  private String format(int index) {
    byte[] bytes = memory.segment().asSlice(formatAt(index), UNIT).toArray(ValueLayout.JAVA_BYTE);
    return new String(bytes, StandardCharsets.US_ASCII).replace("\0", "");
  }

  /** Where an item lies, which is in the room for items: somebody else may have written there. */
  private long at(int index) {
    long at = memory.segment().get(ValueLayout.JAVA_LONG, (index + 1L) * UNIT);
    if (at < 0 || at > formats - data) {
      throw damaged(index);
    }
    return data + at;
  }

  private int room(int index) {
    long room = at(index + 1) - at(index);
    if (room < 0 || room > Integer.MAX_VALUE) {
      throw damaged(index);
    }
    return (int) room;
  }

  private IllegalStateException damaged(int index) {
    return new IllegalStateException(
        "item " + index + " of " + memory + " is damaged: it is said to lie outside of the list");
  }

  private long formatAt(int index) {
    return formats + (long) index * UNIT;
  }

  private long codeAt(int index) {
    return formats + (long) size * UNIT + index;
  }

  /** Returns the memory it lies in, to be closed and unlinked. */
  public SharedMemory memory() {
    return memory;
  }

  /** Unmaps it in this process; the list and its name stay. */
  @Override
  public void close() {
    memory.close();
  }

  /**
   * Takes its name away; see {@link SharedMemory#unlink}.
   *
   * @throws java.nio.file.NoSuchFileException if it was unlinked before
   * @throws IOException if it cannot be unlinked for another reason
   */
  public void unlink() throws IOException {
    memory.unlink();
  }

  @Serial
  private Object writeReplace() {
    return new Sent(memory);
  }

  /** What travels. */
  private static final class Sent implements Serializable {
    @Serial private static final long serialVersionUID = 1L;

    private final SharedMemory memory;

    Sent(SharedMemory memory) {
      this.memory = memory;
    }

    @Serial
    private Object readResolve() {
      return new ShareableList(memory);
    }
  }
}
