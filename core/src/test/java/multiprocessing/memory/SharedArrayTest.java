package multiprocessing.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import multiprocessing.Multiprocessing;
import multiprocessing.error.SharedMemoryExhaustedException;
import multiprocessing.sync.Hold;
import multiprocessing.sync.ProcessReentrantLock;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What shared arrays and values do within one process. */
@ProcessTest
final class SharedArrayTest {
  /** A record with gaps, and one within it. */
  record Point(byte tag, double x, short small, double y) {}

  record Segment(int id, Point from, Point to, boolean open) {}

  record Named(String name) {}

  record Nothing() {}

  @SuppressWarnings("unchecked")
  private static <T> T sent(T object) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new ObjectOutputStream(bytes).writeObject(object);
    return (T) new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
  }

  static List<SharedArray<?, ?>> arrays() {
    return List.of(
        SharedArray.ofBooleans(new boolean[] {true, false, true}),
        SharedArray.ofBytes(new byte[] {-1, 0, 127}),
        SharedArray.ofShorts(new short[] {-1, 0, Short.MAX_VALUE}),
        SharedArray.ofChars(new char[] {'a', 0, '\uffff'}),
        SharedArray.ofInts(new int[] {-1, 0, Integer.MIN_VALUE}),
        SharedArray.ofLongs(new long[] {-1, 0, Long.MIN_VALUE}),
        SharedArray.ofFloats(new float[] {-0.0f, Float.NaN, Float.MIN_VALUE}),
        SharedArray.ofDoubles(new double[] {-0.0, Double.NaN, Double.MIN_VALUE}),
        SharedArray.ofRecords(Segment.class, List.of(segment(1), segment(2), segment(3))));
  }

  private static Segment segment(int id) {
    return new Segment(
        id,
        new Point((byte) id, 1.5, (short) -id, -2),
        new Point((byte) -1, 0, (short) 1, id),
        id != 2);
  }

  private static void assertSameElements(Object expected, Object actual) {
    assertTrue(Arrays.deepEquals(new Object[] {expected}, new Object[] {actual}), "" + actual);
  }

  private static <A, S extends SharedArray<A, S>> void checkBulk(SharedArray<A, S> array)
      throws Exception {
    A all = array.toArray();
    assertEquals(3, array.length());
    S copy = array.copy();
    assertSameElements(all, copy.toArray());
    assertSameElements(all, sent(array).toArray());
    array.setAll(0, array.toArray(1, 3));
    assertSameElements(copy.toArray(1, 3), array.toArray(0, 2));
    assertSameElements(copy.toArray(2, 3), array.toArray(2, 3));
    assertSameElements(all, copy.toArray());
    array.setAll(3, array.toArray(0, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> array.setAll(2, array.toArray(0, 2)));
    assertThrows(IndexOutOfBoundsException.class, () -> array.setAll(-1, all));
    assertThrows(IndexOutOfBoundsException.class, () -> array.toArray(2, 4));
    assertThrows(IndexOutOfBoundsException.class, () -> array.toArray(2, 1));
    sent(array).setAll(0, all);
    assertSameElements(all, array.toArray());
    assertTrue(array.toString().endsWith("[3]"), array.toString());
  }

  @ParameterizedTest
  @MethodSource("arrays")
  @Proves({78, 155})
  void everyTypeCopiesAndTravels(SharedArray<?, ?> array) throws Exception {
    checkBulk(array);
  }

  @Test
  void everyTypeHasItsElements() {
    SharedArray.OfBoolean booleans = SharedArray.ofBooleans(2);
    booleans.set(1, true);
    assertArrayEquals(new boolean[] {false, true}, booleans.toArray());
    assertTrue(booleans.get(1));
    SharedArray.OfByte bytes = SharedArray.ofBytes(2);
    bytes.set(1, (byte) -7);
    assertEquals(-7, bytes.get(1));
    SharedArray.OfShort shorts = SharedArray.ofShorts(2);
    shorts.set(1, (short) -7);
    assertEquals(-7, shorts.get(1));
    SharedArray.OfChar chars = SharedArray.ofChars(2);
    chars.set(1, 'ß');
    assertEquals('ß', chars.get(1));
    SharedArray.OfFloat floats = SharedArray.ofFloats(2);
    floats.set(1, 1.5f);
    assertEquals(1.5f, floats.getAndAdd(1, 2));
    assertTrue(floats.compareAndSet(1, 3.5f, 4));
    assertFalse(floats.compareAndSet(1, 3.5f, 5));
    assertEquals(4, floats.get(1));
  }

  @Test
  void numbersAreChangedAtOnce() {
    SharedArray.OfInt ints = SharedArray.ofInts(3);
    assertEquals(0, ints.getAndAdd(2, 5));
    assertTrue(ints.compareAndSet(2, 5, 6));
    assertFalse(ints.compareAndSet(2, 5, 7));
    ints.setVolatile(1, ints.getVolatile(2));
    assertArrayEquals(new int[] {0, 6, 6}, ints.toArray());
    assertEquals(12, ints.stream().sum());
    SharedArray.OfLong longs = SharedArray.ofLongs(3);
    assertEquals(0, longs.getAndAdd(2, 1L << 40));
    assertTrue(longs.compareAndSet(2, 1L << 40, 6));
    longs.setVolatile(1, longs.getVolatile(2));
    assertEquals(12, longs.stream().sum());
    SharedArray.OfDouble doubles = SharedArray.ofDoubles(3);
    assertEquals(0, doubles.getAndAdd(2, 0.5));
    assertTrue(doubles.compareAndSet(2, 0.5, 6));
    assertEquals(6, doubles.stream().sum());
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 3, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 61})
  void anIndexThatIsNoneIsNamed(long index) {
    SharedArray.OfInt array = SharedArray.ofInts(3);
    IndexOutOfBoundsException thrown =
        assertThrows(IndexOutOfBoundsException.class, () -> array.get(index));
    assertTrue(String.valueOf(thrown.getMessage()).contains("" + index), thrown.getMessage());
    assertThrows(IndexOutOfBoundsException.class, () -> array.set(index, 1));
    assertThrows(IndexOutOfBoundsException.class, () -> array.getAndAdd(index, 1));
  }

  @Test
  @Proves(79)
  void newArraysAreZeroAlsoWhereMemoryIsUsedAgain() throws Exception {
    for (int round = 0; round < 50; round++) {
      SharedArray.OfLong array = SharedArray.ofLongs(10_000);
      assertEquals(0, array.stream().filter(each -> each != 0).count());
      array.setAll(0, filled(10_000));
      if (round % 10 == 0) {
        System.gc();
      }
    }
    assertEquals(0, SharedArray.ofInts(0).length());
    assertEquals(0, SharedArray.ofInts(0).toArray().length);
    assertThrows(IndexOutOfBoundsException.class, () -> SharedArray.ofInts(0).get(0));
  }

  private static long[] filled(int length) {
    long[] values = new long[length];
    Arrays.fill(values, -1);
    return values;
  }

  @Test
  void lengthsThatCannotBeAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> SharedArray.ofInts(-1));
    assertThrows(IllegalArgumentException.class, () -> SharedArray.ofLongs(Long.MAX_VALUE));
    assertThrows(SharedMemoryExhaustedException.class, () -> SharedArray.ofLongs(1L << 50));
  }

  @Test
  @Proves({77, 81})
  void locksAreThoseThatWereGiven() {
    ProcessReentrantLock lock = new ProcessReentrantLock();
    SharedValue.OfInt value = SharedValue.ofInt(5);
    assertFalse(value.hasLock());
    IllegalStateException thrown = assertThrows(IllegalStateException.class, value::lock);
    assertTrue(String.valueOf(thrown.getMessage()).contains("withLock"), thrown.getMessage());
    assertThrows(IllegalStateException.class, value::hold);
    assertSame(lock, value.withLock(lock).lock());
    SharedArray.OfInt array = SharedArray.ofInts(3).withLock(lock);
    assertSame(lock, array.lock());
    assertNotSame(lock, array.withLock().lock());
    assertFalse(array.withoutLock().hasLock());
    assertTrue(Multiprocessing.value(1).hasLock());
    assertTrue(Multiprocessing.array(new int[2]).hasLock());
    try (Hold _ = array.hold()) {
      assertTrue(lock.isHeldByCurrentThread());
      array.set(0, array.get(0) + 1);
      array.setAll(1, array.toArray(0, 2));
    }
    assertFalse(lock.isLocked());
    assertArrayEquals(new int[] {1, 1, 0}, array.withoutLock().toArray());
  }

  @Test
  @Proves(77)
  void everyAccessTakesTheLock() throws Exception {
    SharedArray.OfInt array = Multiprocessing.array(new int[2]);
    SharedValue.OfDouble value = SharedValue.ofDouble(0).withLock(array.lock());
    List<Thread> threads = new ArrayList<>();
    List<Runnable> accesses =
        List.of(
            () -> array.get(0),
            () -> array.set(0, 1),
            () -> array.getAndAdd(0, 1),
            () -> array.toArray(),
            () -> array.setAll(0, new int[1]),
            () -> array.copy(),
            () -> value.get(),
            () -> value.set(2),
            () -> value.updateAndGet(x -> x + 1));
    try (Hold _ = array.hold()) {
      for (Runnable access : accesses) {
        threads.add(Thread.ofPlatform().start(access));
      }
      Thread.sleep(50);
      for (Thread thread : threads) {
        assertTrue(thread.isAlive());
      }
      value.withoutLock().get();
      assertEquals(0, array.withoutLock().get(0));
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  @Test
  @Proves({75, 76, 153, 154})
  void everyTypeHasAValue() throws Exception {
    SharedValue.OfBoolean truth = Multiprocessing.value(true);
    truth.set(!truth.get());
    assertFalse(sent(truth).get());
    SharedValue.OfByte tiny = Multiprocessing.value((byte) 1);
    tiny.set((byte) -tiny.get());
    assertEquals(-1, sent(tiny).get());
    SharedValue.OfShort small = Multiprocessing.value((short) 1);
    small.set((short) -small.get());
    assertEquals(-1, sent(small).get());
    SharedValue.OfChar letter = Multiprocessing.value('x');
    letter.set('y');
    assertEquals('y', sent(letter).get());
    SharedValue.OfInt number = Multiprocessing.value(1);
    assertEquals(1, number.getAndAdd(4));
    assertTrue(number.compareAndSet(5, 6));
    assertEquals(12, number.updateAndGet(x -> 2 * x));
    number.setVolatile(number.getVolatile() + 1);
    assertEquals(13, sent(number).get());
    SharedValue.OfLong large = Multiprocessing.value(1L << 33);
    assertEquals(1L << 33, large.getAndAdd(1));
    assertTrue(large.compareAndSet((1L << 33) + 1, 6));
    assertEquals(12, large.updateAndGet(x -> 2 * x));
    large.setVolatile(large.getVolatile() + 1);
    assertEquals(13, sent(large).get());
    SharedValue.OfFloat coarse = Multiprocessing.value(1.5f);
    assertEquals(1.5f, coarse.getAndAdd(1));
    assertTrue(coarse.compareAndSet(2.5f, -0.0f));
    assertFalse(coarse.compareAndSet(0.0f, 1), "bit for bit");
    assertEquals(-0.0f, sent(coarse).get());
    SharedValue.OfDouble fine = Multiprocessing.value(1.5);
    assertEquals(1.5, fine.getAndAdd(1));
    assertTrue(fine.compareAndSet(2.5, 3));
    assertEquals(9, fine.updateAndGet(x -> x * x));
    assertEquals("9.0", sent(fine).toString());
    SharedValue.OfRecord<Segment> record = Multiprocessing.value(segment(4));
    record.set(segment(5));
    assertEquals(segment(5), sent(record).get());
  }

  @Test
  void recordsLieAsInC() {
    SharedArray.OfRecord<Segment> array = Multiprocessing.array(Segment.class, 2);
    array.set(1, segment(7));
    assertEquals(
        new Segment(
            0, new Point((byte) 0, 0, (short) 0, 0), new Point((byte) 0, 0, (short) 0, 0), false),
        array.get(0));
    assertEquals(segment(7), array.get(1));
    long size = array.layout().byteSize();
    assertEquals(8 + 32 + 32 + 8, size);
    long y =
        array.layout().byteOffset(PathElement.groupElement("to"), PathElement.groupElement("y"));
    assertEquals(8 + 32 + 24, y);
    assertEquals(7.0, array.segment().get(ValueLayout.JAVA_DOUBLE, size + y));
    array.segment().set(ValueLayout.JAVA_INT, size, 8);
    assertEquals(8, array.get(1).id());
    assertEquals(2 * size, array.segment().byteSize());
  }

  @Test
  void recordsOfOtherThingsAreRefused() {
    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> SharedArray.ofRecords(Named.class, 1));
    assertTrue(String.valueOf(thrown.getMessage()).contains("name"), thrown.getMessage());
    assertTrue(String.valueOf(thrown.getMessage()).contains("String"), thrown.getMessage());
    assertThrows(IllegalArgumentException.class, () -> SharedArray.ofRecords(Nothing.class, 1));
    assertThrows(NullPointerException.class, () -> SharedArray.ofRecords(Point.class, nulls()));
  }

  private static <T> List<T> nulls() {
    return Arrays.asList((T) null);
  }

  @Test
  void textEndsAtTheFirstZero() {
    SharedArray.OfChar text = SharedArray.ofChars(6);
    assertEquals("", text.value());
    text.setValue("häßlich".substring(0, 6));
    assertEquals("häßlic", text.value());
    text.setValue("ab");
    assertEquals("ab", text.value());
    assertEquals('l', text.get(3), "what is behind it stays");
    assertThrows(IndexOutOfBoundsException.class, () -> text.setValue("1234567"));
    SharedArray.OfByte bytes =
        SharedArray.ofBytes("hello\0\0".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    assertEquals("hello", new String(bytes.value(), java.nio.charset.StandardCharsets.US_ASCII));
    bytes.setValue(new byte[] {1, 2});
    assertArrayEquals(new byte[] {1, 2}, bytes.value());
    assertEquals(7, bytes.toArray().length);
  }

  @Test
  @Proves(155)
  void aCopyGoesItsOwnWay() {
    SharedValue.OfRecord<Point> original =
        Multiprocessing.value(new Point((byte) 1, 2, (short) 3, 4));
    SharedValue.OfRecord<Point> copy = original.copy();
    original.set(new Point((byte) 0, 0, (short) 0, 0));
    assertEquals(new Point((byte) 1, 2, (short) 3, 4), copy.get());
    assertNotSame(original.lock(), copy.lock());
    assertFalse(SharedValue.ofInt(1).copy().hasLock());
  }

  @Test
  void aSegmentKeepsTheMemory() throws Exception {
    var segment = SharedArray.ofInts(new int[] {42}).segment();
    List<SharedArray.OfInt> others = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      System.gc();
      Thread.sleep(20);
      others.add(SharedArray.ofInts(new int[] {1}));
    }
    assertEquals(42, segment.get(ValueLayout.JAVA_INT, 0));
    assertEquals(5, others.size());
  }
}
