package multiprocessing.memory;

import java.io.Serial;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntUnaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * A value in memory that several processes use at once. The counterpart of {@code
 * multiprocessing.Value}, and without a lock of {@code RawValue}.
 *
 * {@snippet :
 * SharedValue.OfInt count = Multiprocessing.value(0); // with a lock
 * try (var held = count.hold()) {
 *   count.set(count.get() + 1);
 * }
 * SharedValue.OfLong hits = SharedValue.ofLong(0); // without
 * hits.getAndAdd(1); // atomic
 * }
 *
 * <p>There is a nested class for each primitive type, and {@link OfRecord} for records of
 * primitives; none of them boxes.
 *
 * <h2>Sharing</h2>
 *
 * Travels to any process of the tree; see {@link SharedObject}.
 *
 * <h2>Memory effects</h2>
 *
 * Those of an element of a {@link SharedArray}: {@code get} and {@code set} are {@code getAcquire}
 * and {@code setRelease} of a {@link java.lang.invoke.VarHandle}, all that changes the value by
 * what it was is atomic and {@code volatile}.
 *
 * <h2>If a process dies</h2>
 *
 * The value stays as the dead one left it, never half written, except of records. For the lock, see
 * {@link SharedObject}.
 *
 * <h2>Cost</h2>
 *
 * 128 bytes of shared memory, and as much for the lock. Without a lock {@code get} and {@code set}
 * cost what a field does, atomic methods one atomic instruction.
 *
 * @param <S> the type itself
 */
public abstract sealed class SharedValue<S extends SharedValue<S>> extends SharedObject<S> {
  @Serial private static final long serialVersionUID = 1L;

  SharedValue(SharedArray<?, ?> cell) {
    super(cell.cells);
  }

  /** The value as an array of one element. */
  abstract SharedArray<?, ?> cell();

  @Serial
  final Object writeReplace() {
    return new Elements.SentValue(cell());
  }

  /** Returns a value without a lock. */
  public static OfBoolean ofBoolean(boolean initial) {
    return new OfBoolean(SharedArray.ofBooleans(new boolean[] {initial}));
  }

  /** Returns a value without a lock. */
  public static OfByte ofByte(byte initial) {
    return new OfByte(SharedArray.ofBytes(new byte[] {initial}));
  }

  /** Returns a value without a lock. */
  public static OfShort ofShort(short initial) {
    return new OfShort(SharedArray.ofShorts(new short[] {initial}));
  }

  /** Returns a value without a lock. */
  public static OfChar ofChar(char initial) {
    return new OfChar(SharedArray.ofChars(new char[] {initial}));
  }

  /** Returns a value without a lock. */
  public static OfInt ofInt(int initial) {
    return new OfInt(SharedArray.ofInts(new int[] {initial}));
  }

  /** Returns a value without a lock. */
  public static OfLong ofLong(long initial) {
    return new OfLong(SharedArray.ofLongs(new long[] {initial}));
  }

  /** Returns a value without a lock. */
  public static OfFloat ofFloat(float initial) {
    return new OfFloat(SharedArray.ofFloats(new float[] {initial}));
  }

  /** Returns a value without a lock. */
  public static OfDouble ofDouble(double initial) {
    return new OfDouble(SharedArray.ofDoubles(new double[] {initial}));
  }

  /**
   * Returns a record in shared memory, without a lock.
   *
   * @param <R> its type, whose components are primitives or such records
   * @param initial what it is at first
   * @throws IllegalArgumentException if its type cannot be laid out
   */
  public static <R extends Record> OfRecord<R> ofRecord(R initial) {
    @SuppressWarnings("unchecked") // a record has no subclasses
    Class<R> type = (Class<R>) initial.getClass();
    return new OfRecord<>(SharedArray.ofRecords(type, List.of(initial)));
  }

  /** A {@code boolean}. */
  public static final class OfBoolean extends SharedValue<OfBoolean> {
    @Serial private static final long serialVersionUID = 1L;
    private final transient SharedArray.OfBoolean cell;

    OfBoolean(SharedArray.OfBoolean cell) {
      super(cell);
      this.cell = cell;
    }

    @Override
    OfBoolean over(Cells other) {
      return new OfBoolean(cell.over(other));
    }

    @Override
    SharedArray<?, ?> cell() {
      return cell;
    }

    /** Returns the value. */
    public boolean get() {
      return cell.get(0);
    }

    /** Replaces the value. */
    public void set(boolean value) {
      cell.set(0, value);
    }

    /** Returns the value as text. */
    @Override
    public String toString() {
      return String.valueOf(get());
    }
  }

  /** A {@code byte}. */
  public static final class OfByte extends SharedValue<OfByte> {
    @Serial private static final long serialVersionUID = 1L;
    private final transient SharedArray.OfByte cell;

    OfByte(SharedArray.OfByte cell) {
      super(cell);
      this.cell = cell;
    }

    @Override
    OfByte over(Cells other) {
      return new OfByte(cell.over(other));
    }

    @Override
    SharedArray<?, ?> cell() {
      return cell;
    }

    /** Returns the value. */
    public byte get() {
      return cell.get(0);
    }

    /** Replaces the value. */
    public void set(byte value) {
      cell.set(0, value);
    }

    /** Returns the value as text. */
    @Override
    public String toString() {
      return String.valueOf(get());
    }
  }

  /** A {@code short}. */
  public static final class OfShort extends SharedValue<OfShort> {
    @Serial private static final long serialVersionUID = 1L;
    private final transient SharedArray.OfShort cell;

    OfShort(SharedArray.OfShort cell) {
      super(cell);
      this.cell = cell;
    }

    @Override
    OfShort over(Cells other) {
      return new OfShort(cell.over(other));
    }

    @Override
    SharedArray<?, ?> cell() {
      return cell;
    }

    /** Returns the value. */
    public short get() {
      return cell.get(0);
    }

    /** Replaces the value. */
    public void set(short value) {
      cell.set(0, value);
    }

    /** Returns the value as text. */
    @Override
    public String toString() {
      return String.valueOf(get());
    }
  }

  /** A {@code char}. */
  public static final class OfChar extends SharedValue<OfChar> {
    @Serial private static final long serialVersionUID = 1L;
    private final transient SharedArray.OfChar cell;

    OfChar(SharedArray.OfChar cell) {
      super(cell);
      this.cell = cell;
    }

    @Override
    OfChar over(Cells other) {
      return new OfChar(cell.over(other));
    }

    @Override
    SharedArray<?, ?> cell() {
      return cell;
    }

    /** Returns the value. */
    public char get() {
      return cell.get(0);
    }

    /** Replaces the value. */
    public void set(char value) {
      cell.set(0, value);
    }

    /** Returns the value as text. */
    @Override
    public String toString() {
      return String.valueOf(get());
    }
  }

  /** A {@code int}. */
  public static final class OfInt extends SharedValue<OfInt> {
    @Serial private static final long serialVersionUID = 1L;
    private final transient SharedArray.OfInt cell;

    OfInt(SharedArray.OfInt cell) {
      super(cell);
      this.cell = cell;
    }

    @Override
    OfInt over(Cells other) {
      return new OfInt(cell.over(other));
    }

    @Override
    SharedArray<?, ?> cell() {
      return cell;
    }

    /** Returns the value. */
    public int get() {
      return cell.get(0);
    }

    /** Replaces the value. */
    public void set(int value) {
      cell.set(0, value);
    }

    /** Replaces the value if it is as expected, bit for bit; whether it was. */
    public boolean compareAndSet(int expected, int value) {
      return cell.compareAndSet(0, expected, value);
    }

    /** Adds, at once; returns what the value was before. */
    public int getAndAdd(int delta) {
      return cell.getAndAdd(0, delta);
    }

    /** Returns the value, with the effects of {@code volatile}. */
    public int getVolatile() {
      return cell.getVolatile(0);
    }

    /** Replaces the value, with the effects of {@code volatile}. */
    public void setVolatile(int value) {
      cell.setVolatile(0, value);
    }

    /** Changes the value, at once; returns what it is now. The change may be tried repeatedly. */
    public int updateAndGet(IntUnaryOperator change) {
      while (true) {
        int before = get();
        int after = change.applyAsInt(before);
        if (compareAndSet(before, after)) {
          return after;
        }
      }
    }

    /** Returns the value as text. */
    @Override
    public String toString() {
      return String.valueOf(get());
    }
  }

  /** A {@code long}. */
  public static final class OfLong extends SharedValue<OfLong> {
    @Serial private static final long serialVersionUID = 1L;
    private final transient SharedArray.OfLong cell;

    OfLong(SharedArray.OfLong cell) {
      super(cell);
      this.cell = cell;
    }

    @Override
    OfLong over(Cells other) {
      return new OfLong(cell.over(other));
    }

    @Override
    SharedArray<?, ?> cell() {
      return cell;
    }

    /** Returns the value. */
    public long get() {
      return cell.get(0);
    }

    /** Replaces the value. */
    public void set(long value) {
      cell.set(0, value);
    }

    /** Replaces the value if it is as expected, bit for bit; whether it was. */
    public boolean compareAndSet(long expected, long value) {
      return cell.compareAndSet(0, expected, value);
    }

    /** Adds, at once; returns what the value was before. */
    public long getAndAdd(long delta) {
      return cell.getAndAdd(0, delta);
    }

    /** Returns the value, with the effects of {@code volatile}. */
    public long getVolatile() {
      return cell.getVolatile(0);
    }

    /** Replaces the value, with the effects of {@code volatile}. */
    public void setVolatile(long value) {
      cell.setVolatile(0, value);
    }

    /** Changes the value, at once; returns what it is now. The change may be tried repeatedly. */
    public long updateAndGet(LongUnaryOperator change) {
      while (true) {
        long before = get();
        long after = change.applyAsLong(before);
        if (compareAndSet(before, after)) {
          return after;
        }
      }
    }

    /** Returns the value as text. */
    @Override
    public String toString() {
      return String.valueOf(get());
    }
  }

  /** A {@code float}. */
  public static final class OfFloat extends SharedValue<OfFloat> {
    @Serial private static final long serialVersionUID = 1L;
    private final transient SharedArray.OfFloat cell;

    OfFloat(SharedArray.OfFloat cell) {
      super(cell);
      this.cell = cell;
    }

    @Override
    OfFloat over(Cells other) {
      return new OfFloat(cell.over(other));
    }

    @Override
    SharedArray<?, ?> cell() {
      return cell;
    }

    /** Returns the value. */
    public float get() {
      return cell.get(0);
    }

    /** Replaces the value. */
    public void set(float value) {
      cell.set(0, value);
    }

    /** Replaces the value if it is as expected, bit for bit; whether it was. */
    public boolean compareAndSet(float expected, float value) {
      return cell.compareAndSet(0, expected, value);
    }

    /** Adds, at once; returns what the value was before. */
    public float getAndAdd(float delta) {
      return cell.getAndAdd(0, delta);
    }

    /** Returns the value as text. */
    @Override
    public String toString() {
      return String.valueOf(get());
    }
  }

  /** A {@code double}. */
  public static final class OfDouble extends SharedValue<OfDouble> {
    @Serial private static final long serialVersionUID = 1L;
    private final transient SharedArray.OfDouble cell;

    OfDouble(SharedArray.OfDouble cell) {
      super(cell);
      this.cell = cell;
    }

    @Override
    OfDouble over(Cells other) {
      return new OfDouble(cell.over(other));
    }

    @Override
    SharedArray<?, ?> cell() {
      return cell;
    }

    /** Returns the value. */
    public double get() {
      return cell.get(0);
    }

    /** Replaces the value. */
    public void set(double value) {
      cell.set(0, value);
    }

    /** Replaces the value if it is as expected, bit for bit; whether it was. */
    public boolean compareAndSet(double expected, double value) {
      return cell.compareAndSet(0, expected, value);
    }

    /** Adds, at once; returns what the value was before. */
    public double getAndAdd(double delta) {
      return cell.getAndAdd(0, delta);
    }

    /** Changes the value, at once; returns what it is now. The change may be tried repeatedly. */
    public double updateAndGet(DoubleUnaryOperator change) {
      while (true) {
        double before = get();
        double after = change.applyAsDouble(before);
        if (compareAndSet(before, after)) {
          return after;
        }
      }
    }

    /** Returns the value as text. */
    @Override
    public String toString() {
      return String.valueOf(get());
    }
  }

  /**
   * A record of primitives.
   *
   * @param <R> its type
   */
  public static final class OfRecord<R extends Record> extends SharedValue<OfRecord<R>> {
    @Serial private static final long serialVersionUID = 1L;
    private final transient SharedArray.OfRecord<R> cell;

    OfRecord(SharedArray.OfRecord<R> cell) {
      super(cell);
      this.cell = cell;
    }

    @Override
    OfRecord<R> over(Cells other) {
      return new OfRecord<>(cell.over(other));
    }

    @Override
    SharedArray<?, ?> cell() {
      return cell;
    }

    /** Returns the value. */
    public R get() {
      return cell.get(0);
    }

    /** Replaces the value. */
    public void set(R value) {
      cell.set(0, value);
    }

    /** Returns the value as text. */
    @Override
    public String toString() {
      return String.valueOf(get());
    }
  }
}
