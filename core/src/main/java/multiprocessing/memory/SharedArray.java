package multiprocessing.memory;

import java.io.Serial;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import multiprocessing.sync.Hold;

/**
 * An array in memory that several processes use at once. The counterpart of {@code
 * multiprocessing.Array}, and without a lock of {@code RawArray}.
 *
 * {@snippet :
 * SharedArray.OfDouble sums = Multiprocessing.array(new double[4]); // with a lock
 * SharedArray.OfInt pixels = SharedArray.ofInts(1920 * 1080); // without
 * pixels.set(0, 0xff00ff);
 * try (var held = sums.hold()) {
 *   sums.set(0, sums.get(0) + 1.5); // nobody else changes it meanwhile
 * }
 * }
 *
 * <p>There is a nested class for each primitive type, and {@link OfRecord} for records of
 * primitives; none of them boxes. Indexes are {@code long}: an array may have more elements than
 * one of Java's. {@link #toArray()} and {@link #setAll} copy many elements at once.
 *
 * <h2>Sharing</h2>
 *
 * Travels to any process of the tree; see {@link SharedObject}.
 *
 * <h2>Memory effects</h2>
 *
 * {@code get} and {@code set} of an element are {@code getAcquire} and {@code setRelease} of a
 * {@link VarHandle}: who reads what another one has written sees all that that one wrote before.
 * Methods that change an element by its former value are atomic, with the effects of {@code
 * volatile}. Methods on several elements and on records are plain copies: order them by a lock or a
 * queue.
 *
 * <h2>If a process dies</h2>
 *
 * The array stays as the dead one left it; a single element is never half written, except of
 * records. For the lock, see {@link SharedObject}.
 *
 * <h2>Cost</h2>
 *
 * Without a lock that of an array access and a check of the index. No pages are taken from {@code
 * /dev/shm}.
 *
 * @param <A> what holds several elements: a Java array, or a list of records
 * @param <S> the type itself
 */
public abstract sealed class SharedArray<A, S extends SharedArray<A, S>> extends SharedObject<S> {
  @Serial private static final long serialVersionUID = 1L;

  final transient long length;
  private final transient Class<?> element;
  private final transient long unit;

  SharedArray(Cells cells, Class<?> element, long unit) {
    super(cells);
    this.length = cells.bytes() / unit;
    this.element = element;
    this.unit = unit;
  }

  /** Returns how many elements it has. */
  public final long length() {
    return length;
  }

  /**
   * Returns all elements.
   *
   * @throws OutOfMemoryError if they are more than a Java array can hold
   */
  public final A toArray() {
    return toArray(0, length);
  }

  /**
   * Returns some elements.
   *
   * @param from the first one
   * @param to the one after the last
   * @throws IndexOutOfBoundsException if there are no such elements
   * @throws OutOfMemoryError if they are more than a Java array can hold
   */
  public final A toArray(long from, long to) {
    Objects.checkFromToIndex(from, to, length);
    if (to - from > Integer.MAX_VALUE - 8) {
      throw new OutOfMemoryError(to - from + " elements are more than an array can hold");
    }
    try (Hold _ = guard()) {
      return read(from, (int) (to - from));
    }
  }

  /**
   * Replaces some elements.
   *
   * @param from the first one
   * @param values what to put there and behind it
   * @throws IndexOutOfBoundsException if there are no such elements; nothing is changed then
   */
  public final void setAll(long from, A values) {
    Objects.checkFromIndexSize(from, count(values), length);
    try (Hold _ = guard()) {
      write(from, values);
    }
  }

  // What follows is overridden where A is no array that a segment can be copied to.

  @SuppressWarnings("unchecked") // A is the array type of the element
  A read(long from, int count) {
    Object target = Array.newInstance(element, count);
    MemorySegment.copy(memory, Elements.layout(element), from * unit, target, 0, count);
    return (A) target;
  }

  void write(long from, A values) {
    MemorySegment.copy(values, 0, memory, Elements.layout(element), from * unit, count(values));
  }

  int count(A values) {
    return Array.getLength(values);
  }

  final long at(long index) {
    return Objects.checkIndex(index, length) * unit;
  }

  /** Returns its type and length. */
  @Override
  public final String toString() {
    return "SharedArray<" + element.getSimpleName() + ">[" + length + "]";
  }

  @Serial
  final Object writeReplace() {
    return new Elements.Sent(element, cells.block(), cells.bytes(), cells.lock());
  }

  /** Returns so many zeros, without a lock. */
  public static OfBoolean ofBooleans(long length) {
    return new OfBoolean(Cells.create(length, 1));
  }

  /** Returns an array of these values, without a lock. */
  public static OfBoolean ofBooleans(boolean[] values) {
    OfBoolean array = ofBooleans(values.length);
    array.write(0, values);
    return array;
  }

  /** Returns so many zeros, without a lock. */
  public static OfByte ofBytes(long length) {
    return new OfByte(Cells.create(length, Byte.BYTES));
  }

  /** Returns an array of these values, without a lock. */
  public static OfByte ofBytes(byte[] values) {
    OfByte array = ofBytes(values.length);
    array.write(0, values);
    return array;
  }

  /** Returns so many zeros, without a lock. */
  public static OfShort ofShorts(long length) {
    return new OfShort(Cells.create(length, Short.BYTES));
  }

  /** Returns an array of these values, without a lock. */
  public static OfShort ofShorts(short[] values) {
    OfShort array = ofShorts(values.length);
    array.write(0, values);
    return array;
  }

  /** Returns so many zeros, without a lock. */
  public static OfChar ofChars(long length) {
    return new OfChar(Cells.create(length, Character.BYTES));
  }

  /** Returns an array of these values, without a lock. */
  public static OfChar ofChars(char[] values) {
    OfChar array = ofChars(values.length);
    array.write(0, values);
    return array;
  }

  /** Returns so many zeros, without a lock. */
  public static OfInt ofInts(long length) {
    return new OfInt(Cells.create(length, Integer.BYTES));
  }

  /** Returns an array of these values, without a lock. */
  public static OfInt ofInts(int[] values) {
    OfInt array = ofInts(values.length);
    array.write(0, values);
    return array;
  }

  /** Returns so many zeros, without a lock. */
  public static OfLong ofLongs(long length) {
    return new OfLong(Cells.create(length, Long.BYTES));
  }

  /** Returns an array of these values, without a lock. */
  public static OfLong ofLongs(long[] values) {
    OfLong array = ofLongs(values.length);
    array.write(0, values);
    return array;
  }

  /** Returns so many zeros, without a lock. */
  public static OfFloat ofFloats(long length) {
    return new OfFloat(Cells.create(length, Float.BYTES));
  }

  /** Returns an array of these values, without a lock. */
  public static OfFloat ofFloats(float[] values) {
    OfFloat array = ofFloats(values.length);
    array.write(0, values);
    return array;
  }

  /** Returns so many zeros, without a lock. */
  public static OfDouble ofDoubles(long length) {
    return new OfDouble(Cells.create(length, Double.BYTES));
  }

  /** Returns an array of these values, without a lock. */
  public static OfDouble ofDoubles(double[] values) {
    OfDouble array = ofDoubles(values.length);
    array.write(0, values);
    return array;
  }

  /**
   * Returns so many records whose components are all zero, without a lock.
   *
   * @param <R> the type of the records
   * @param type the type of the records, whose components are primitives or such records
   * @param length how many
   * @throws IllegalArgumentException if the type cannot be laid out, or the length is negative
   */
  public static <R extends Record> OfRecord<R> ofRecords(Class<R> type, long length) {
    RecordLayout<R> layout = RecordLayout.of(type);
    return new OfRecord<>(Cells.create(length, layout.struct().byteSize()), layout);
  }

  /**
   * Returns an array of these records, without a lock.
   *
   * @param <R> the type of the records
   * @param type the type of the records, whose components are primitives or such records
   * @param values the records
   * @throws IllegalArgumentException if the type cannot be laid out
   */
  public static <R extends Record> OfRecord<R> ofRecords(Class<R> type, List<R> values) {
    OfRecord<R> array = ofRecords(type, values.size());
    array.write(0, values);
    return array;
  }

  /** An array of {@code boolean}. */
  public static final class OfBoolean extends SharedArray<boolean[], OfBoolean> {
    @Serial private static final long serialVersionUID = 1L;
    private static final VarHandle BOOLEAN = ValueLayout.JAVA_BOOLEAN.varHandle();

    OfBoolean(Cells cells) {
      super(cells, boolean.class, 1);
    }

    @Override
    OfBoolean over(Cells other) {
      return new OfBoolean(other);
    }

    /** Returns an element, with the effects of {@code getAcquire}. */
    public boolean get(long index) {
      try (Hold _ = guard()) {
        return (boolean) BOOLEAN.getAcquire(memory, at(index));
      }
    }

    /** Replaces an element, with the effects of {@code setRelease}. */
    public void set(long index, boolean value) {
      try (Hold _ = guard()) {
        BOOLEAN.setRelease(memory, at(index), value);
      }
    }

    @Override
    boolean[] read(long from, int count) {
      boolean[] values = new boolean[count];
      for (int i = 0; i < count; i++) {
        values[i] = (boolean) BOOLEAN.get(memory, from + i);
      }
      return values;
    }

    @Override
    void write(long from, boolean[] values) {
      for (int i = 0; i < values.length; i++) {
        BOOLEAN.set(memory, from + i, values[i]);
      }
    }
  }

  /** An array of {@code byte}. */
  public static final class OfByte extends SharedArray<byte[], OfByte> {
    @Serial private static final long serialVersionUID = 1L;
    private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();

    OfByte(Cells cells) {
      super(cells, byte.class, Byte.BYTES);
    }

    @Override
    OfByte over(Cells other) {
      return new OfByte(other);
    }

    /** Returns an element, with the effects of {@code getAcquire}. */
    public byte get(long index) {
      try (Hold _ = guard()) {
        return (byte) BYTE.getAcquire(memory, at(index));
      }
    }

    /** Replaces an element, with the effects of {@code setRelease}. */
    public void set(long index, byte value) {
      try (Hold _ = guard()) {
        BYTE.setRelease(memory, at(index), value);
      }
    }

    /** Returns the bytes before the first zero; {@link #toArray()} are all. */
    public byte[] value() {
      byte[] all = toArray();
      int end = 0;
      while (end < all.length && all[end] != 0) {
        end++;
      }
      return Arrays.copyOf(all, end);
    }

    /**
     * Replaces the first bytes, and ends them with a zero where there is room.
     *
     * @throws IndexOutOfBoundsException if they are more than the array has
     */
    public void setValue(byte[] value) {
      setAll(0, value.length < length ? Arrays.copyOf(value, value.length + 1) : value);
    }
  }

  /** An array of {@code short}. */
  public static final class OfShort extends SharedArray<short[], OfShort> {
    @Serial private static final long serialVersionUID = 1L;
    private static final VarHandle SHORT = ValueLayout.JAVA_SHORT.varHandle();

    OfShort(Cells cells) {
      super(cells, short.class, Short.BYTES);
    }

    @Override
    OfShort over(Cells other) {
      return new OfShort(other);
    }

    /** Returns an element, with the effects of {@code getAcquire}. */
    public short get(long index) {
      try (Hold _ = guard()) {
        return (short) SHORT.getAcquire(memory, at(index));
      }
    }

    /** Replaces an element, with the effects of {@code setRelease}. */
    public void set(long index, short value) {
      try (Hold _ = guard()) {
        SHORT.setRelease(memory, at(index), value);
      }
    }
  }

  /** An array of {@code char}. */
  public static final class OfChar extends SharedArray<char[], OfChar> {
    @Serial private static final long serialVersionUID = 1L;
    private static final VarHandle CHAR = ValueLayout.JAVA_CHAR.varHandle();

    OfChar(Cells cells) {
      super(cells, char.class, Character.BYTES);
    }

    @Override
    OfChar over(Cells other) {
      return new OfChar(other);
    }

    /** Returns an element, with the effects of {@code getAcquire}. */
    public char get(long index) {
      try (Hold _ = guard()) {
        return (char) CHAR.getAcquire(memory, at(index));
      }
    }

    /** Replaces an element, with the effects of {@code setRelease}. */
    public void set(long index, char value) {
      try (Hold _ = guard()) {
        CHAR.setRelease(memory, at(index), value);
      }
    }

    /** Returns the characters before the first zero; {@link #toArray()} are all. */
    public String value() {
      String all = new String(toArray());
      int end = all.indexOf('\0');
      return end < 0 ? all : all.substring(0, end);
    }

    /**
     * Replaces the first characters, and ends them with a zero where there is room.
     *
     * @throws IndexOutOfBoundsException if they are more than the array has
     */
    public void setValue(String value) {
      setAll(0, (value.length() < length ? value + '\0' : value).toCharArray());
    }
  }

  /** An array of {@code int}. */
  public static final class OfInt extends SharedArray<int[], OfInt> {
    @Serial private static final long serialVersionUID = 1L;
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    OfInt(Cells cells) {
      super(cells, int.class, Integer.BYTES);
    }

    @Override
    OfInt over(Cells other) {
      return new OfInt(other);
    }

    /** Returns an element, with the effects of {@code getAcquire}. */
    public int get(long index) {
      try (Hold _ = guard()) {
        return (int) INT.getAcquire(memory, at(index));
      }
    }

    /** Replaces an element, with the effects of {@code setRelease}. */
    public void set(long index, int value) {
      try (Hold _ = guard()) {
        INT.setRelease(memory, at(index), value);
      }
    }

    /** Replaces an element if it is as expected, bit for bit; whether it was. */
    public boolean compareAndSet(long index, int expected, int value) {
      try (Hold _ = guard()) {
        return INT.compareAndSet(memory, at(index), expected, value);
      }
    }

    /** Returns an element, with the effects of {@code volatile}. */
    public int getVolatile(long index) {
      try (Hold _ = guard()) {
        return (int) INT.getVolatile(memory, at(index));
      }
    }

    /** Replaces an element, with the effects of {@code volatile}. */
    public void setVolatile(long index, int value) {
      try (Hold _ = guard()) {
        INT.setVolatile(memory, at(index), value);
      }
    }

    /** Adds to an element, at once; returns what it was before. */
    public int getAndAdd(long index, int delta) {
      try (Hold _ = guard()) {
        return (int) INT.getAndAdd(memory, at(index), delta);
      }
    }

    /** Returns the elements one by one; no lock is held in between. */
    public IntStream stream() {
      return LongStream.range(0, length).mapToInt(this::get);
    }
  }

  /** An array of {@code long}. */
  public static final class OfLong extends SharedArray<long[], OfLong> {
    @Serial private static final long serialVersionUID = 1L;
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    OfLong(Cells cells) {
      super(cells, long.class, Long.BYTES);
    }

    @Override
    OfLong over(Cells other) {
      return new OfLong(other);
    }

    /** Returns an element, with the effects of {@code getAcquire}. */
    public long get(long index) {
      try (Hold _ = guard()) {
        return (long) LONG.getAcquire(memory, at(index));
      }
    }

    /** Replaces an element, with the effects of {@code setRelease}. */
    public void set(long index, long value) {
      try (Hold _ = guard()) {
        LONG.setRelease(memory, at(index), value);
      }
    }

    /** Replaces an element if it is as expected, bit for bit; whether it was. */
    public boolean compareAndSet(long index, long expected, long value) {
      try (Hold _ = guard()) {
        return LONG.compareAndSet(memory, at(index), expected, value);
      }
    }

    /** Returns an element, with the effects of {@code volatile}. */
    public long getVolatile(long index) {
      try (Hold _ = guard()) {
        return (long) LONG.getVolatile(memory, at(index));
      }
    }

    /** Replaces an element, with the effects of {@code volatile}. */
    public void setVolatile(long index, long value) {
      try (Hold _ = guard()) {
        LONG.setVolatile(memory, at(index), value);
      }
    }

    /** Adds to an element, at once; returns what it was before. */
    public long getAndAdd(long index, long delta) {
      try (Hold _ = guard()) {
        return (long) LONG.getAndAdd(memory, at(index), delta);
      }
    }

    /** Returns the elements one by one; no lock is held in between. */
    public LongStream stream() {
      return LongStream.range(0, length).map(this::get);
    }
  }

  /** An array of {@code float}. */
  public static final class OfFloat extends SharedArray<float[], OfFloat> {
    @Serial private static final long serialVersionUID = 1L;
    private static final VarHandle FLOAT = ValueLayout.JAVA_FLOAT.varHandle();

    OfFloat(Cells cells) {
      super(cells, float.class, Float.BYTES);
    }

    @Override
    OfFloat over(Cells other) {
      return new OfFloat(other);
    }

    /** Returns an element, with the effects of {@code getAcquire}. */
    public float get(long index) {
      try (Hold _ = guard()) {
        return (float) FLOAT.getAcquire(memory, at(index));
      }
    }

    /** Replaces an element, with the effects of {@code setRelease}. */
    public void set(long index, float value) {
      try (Hold _ = guard()) {
        FLOAT.setRelease(memory, at(index), value);
      }
    }

    /** Replaces an element if it is as expected, bit for bit; whether it was. */
    public boolean compareAndSet(long index, float expected, float value) {
      try (Hold _ = guard()) {
        return FLOAT.compareAndSet(memory, at(index), expected, value);
      }
    }

    /** Adds to an element, at once; returns what it was before. */
    public float getAndAdd(long index, float delta) {
      while (true) {
        float before = get(index);
        if (compareAndSet(index, before, before + delta)) {
          return before;
        }
      }
    }
  }

  /** An array of {@code double}. */
  public static final class OfDouble extends SharedArray<double[], OfDouble> {
    @Serial private static final long serialVersionUID = 1L;
    private static final VarHandle DOUBLE = ValueLayout.JAVA_DOUBLE.varHandle();

    OfDouble(Cells cells) {
      super(cells, double.class, Double.BYTES);
    }

    @Override
    OfDouble over(Cells other) {
      return new OfDouble(other);
    }

    /** Returns an element, with the effects of {@code getAcquire}. */
    public double get(long index) {
      try (Hold _ = guard()) {
        return (double) DOUBLE.getAcquire(memory, at(index));
      }
    }

    /** Replaces an element, with the effects of {@code setRelease}. */
    public void set(long index, double value) {
      try (Hold _ = guard()) {
        DOUBLE.setRelease(memory, at(index), value);
      }
    }

    /** Replaces an element if it is as expected, bit for bit; whether it was. */
    public boolean compareAndSet(long index, double expected, double value) {
      try (Hold _ = guard()) {
        return DOUBLE.compareAndSet(memory, at(index), expected, value);
      }
    }

    /** Adds to an element, at once; returns what it was before. */
    public double getAndAdd(long index, double delta) {
      while (true) {
        double before = get(index);
        if (compareAndSet(index, before, before + delta)) {
          return before;
        }
      }
    }

    /** Returns the elements one by one; no lock is held in between. */
    public DoubleStream stream() {
      return LongStream.range(0, length).mapToDouble(this::get);
    }
  }

  /**
   * An array of records of primitives, laid out as C lays out a {@code struct}: the components in
   * their order, each at a multiple of its size.
   *
   * @param <R> the type of the records
   */
  public static final class OfRecord<R extends Record> extends SharedArray<List<R>, OfRecord<R>> {
    @Serial private static final long serialVersionUID = 1L;
    private final transient RecordLayout<R> layout;

    OfRecord(Cells cells, RecordLayout<R> layout) {
      super(cells, layout.type(), layout.struct().byteSize());
      this.layout = layout;
    }

    @Override
    OfRecord<R> over(Cells other) {
      return new OfRecord<>(other, layout);
    }

    /** Returns where in {@link #segment} a record has which component, by its name. */
    public StructLayout layout() {
      return layout.struct();
    }

    /** Returns an element; without a lock, a writer at the same time may leave half of another. */
    public R get(long index) {
      try (Hold _ = guard()) {
        return layout.read(memory, at(index));
      }
    }

    /** Replaces an element. */
    public void set(long index, R value) {
      try (Hold _ = guard()) {
        layout.write(memory, at(index), value);
      }
    }

    @Override
    List<R> read(long from, int count) {
      List<R> values = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        values.add(layout.read(memory, at(from + i)));
      }
      return values;
    }

    @Override
    void write(long from, List<R> values) {
      for (int i = 0; i < values.size(); i++) {
        layout.write(memory, at(from + i), values.get(i));
      }
    }

    @Override
    int count(List<R> values) {
      return values.size();
    }
  }
}
