package multiprocessing.internal.serial;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import multiprocessing.error.SerializationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values with a short form, through every kind of memory that a message can lie in. */
final class PlainTest {
  private final Codec codec = Mode.DEFAULT.codec();

  static Stream<Object> boxes() {
    return Stream.of(
        true,
        false,
        (byte) -1,
        Byte.MIN_VALUE,
        (short) -2,
        Short.MAX_VALUE,
        'x',
        '\0',
        '\uFFFF',
        0,
        -1,
        42,
        Integer.MIN_VALUE,
        Integer.MAX_VALUE,
        0L,
        -1L,
        Long.MIN_VALUE,
        Long.MAX_VALUE,
        0f,
        -0f,
        Float.NaN,
        Float.MIN_VALUE,
        0d,
        -0d,
        Double.NaN,
        Double.NEGATIVE_INFINITY,
        Math.PI);
  }

  static Stream<String> strings() {
    return Stream.of(
        "",
        "a",
        "hello",
        "grüße",
        "ÿ",
        "Ā",
        "漢字",
        "🎉",
        "\0",
        "\uD800",
        "a\uDC00b",
        "\uFFFF",
        "x".repeat(64),
        "x".repeat(65),
        "ü".repeat(5000),
        "漢".repeat(5000),
        "?".repeat(100),
        "x".repeat(100) + "漢");
  }

  static Stream<Object> arrays() {
    return IntStream.of(0, 1, 7, 100, 1016, 1024, 1025, 50_000).boxed().flatMap(PlainTest::arrays);
  }

  private static Stream<Object> arrays(int length) {
    var random = new Random(length);
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    var booleans = new boolean[length];
    var shorts = new short[length];
    var chars = new char[length];
    var ints = new int[length];
    var longs = new long[length];
    var floats = new float[length];
    var doubles = new double[length];
    for (int i = 0; i < length; i++) {
      booleans[i] = random.nextBoolean();
      shorts[i] = (short) random.nextInt();
      chars[i] = (char) random.nextInt();
      ints[i] = random.nextInt();
      longs[i] = random.nextLong();
      floats[i] = random.nextFloat();
      doubles[i] = random.nextDouble();
    }
    return Stream.of(bytes, booleans, shorts, chars, ints, longs, floats, doubles);
  }

  @Test
  void nullTravels() {
    assertNull(codec.decode(codec.encode(null).toBytes()));
  }

  @ParameterizedTest
  @MethodSource({"boxes", "strings", "arrays"})
  void valueArrivesEqualFromEveryKindOfMemory(Object value) {
    Payload payload = codec.encode(value);
    assertSameValue(value, codec.decode(payload.toBytes()));
    assertSameValue(value, codec.decode(payload.detached().toBytes()));
    int size = (int) payload.size();
    byte[] padded = new byte[size + 20];
    payload.writeTo(MemorySegment.ofArray(padded), 3);
    assertSameValue(value, codec.decode(padded, 3, size));
    assertSameValue(value, codec.decode(MemorySegment.ofArray(padded).asSlice(1), 2, size));
    long[] words = new long[padded.length];
    payload.writeTo(MemorySegment.ofArray(words), 5);
    assertSameValue(value, codec.decode(MemorySegment.ofArray(words), 5, size));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment shared = arena.allocate(size + 20, 1);
      payload.writeTo(shared, 13);
      assertSameValue(value, codec.decode(shared, 13, size));
      assertSameValue(value, codec.decode(shared.asReadOnly(), 13, size));
    }
  }

  private static void assertSameValue(Object expected, @Nullable Object actual) {
    assertNotNull(actual);
    assertSame(expected.getClass(), actual.getClass());
    assertArrayEquals(new Object[] {expected}, new Object[] {actual});
  }

  @Test
  void everyLatin1CharacterTakesOneByte() {
    String text = IntStream.range(0, 256).mapToObj(Character::toString).reduce("", String::concat);
    Payload payload = codec.encode(text);
    assertEquals(257, payload.size());
    assertEquals(text, codec.decode(payload.toBytes()));
  }

  @ParameterizedTest
  @ValueSource(ints = {2_000, 1 << 20})
  void bigArrayIsNotCopiedBeforeItIsWritten(int length) {
    byte[] bytes = new byte[length];
    assertSame(bytes, base(codec.encode(bytes)));
    int[] ints = new int[length];
    assertSame(ints, base(codec.encode(ints)));
    double[] doubles = new double[length];
    assertSame(doubles, base(codec.encode(doubles)));
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    assertSame(bytes, base(codec.encode(buffer)));
    ByteBuffer direct = ByteBuffer.allocateDirect(length);
    MemorySegment body = codec.encode(direct).body();
    assertNotNull(body);
    assertEquals(MemorySegment.ofBuffer(direct).address(), body.address());
  }

  private static Object base(Payload payload) {
    MemorySegment body = payload.body();
    assertNotNull(body);
    return body.heapBase().orElseThrow();
  }

  @Test
  void detachedPayloadSharesNothingWithTheSender() {
    byte[] bytes = new byte[5_000];
    Payload detached = codec.encode(bytes).detached();
    Arrays.fill(bytes, (byte) 1);
    assertArrayEquals(new byte[5_000], (byte[]) codec.decode(detached.toBytes()));
  }

  @Test
  void arrayBeginsAlignedIfItsMessageDoes() {
    for (Object array : List.of(new int[500], new long[500], new double[500], new float[500])) {
      Payload payload = codec.encode(array);
      assertEquals(0, payload.headLength() % 8);
    }
  }

  @Test
  void bufferArrivesAsWhatRemainedInIt() {
    for (int size : new int[] {0, 1, 100, 10_000}) {
      for (ByteBuffer whole : List.of(ByteBuffer.allocate(size + 5), direct(size + 5))) {
        for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
          ByteBuffer sent = whole.clear().order(order).position(2).limit(size + 2);
          for (int i = 2; i < size + 2; i++) {
            sent.put(i, (byte) i);
          }
          checkBuffer(sent);
          checkBuffer(sent.asReadOnlyBuffer().order(order));
        }
      }
    }
  }

  private static ByteBuffer direct(int size) {
    return ByteBuffer.allocateDirect(size);
  }

  private void checkBuffer(ByteBuffer sent) {
    ByteBuffer before = sent.duplicate();
    var got = (ByteBuffer) codec.decode(codec.encode(sent).toBytes());
    assertNotNull(got);
    assertEquals(before, sent, "the sender's position is not moved");
    assertEquals(sent, got);
    assertEquals(0, got.position());
    assertEquals(sent.remaining(), got.limit());
    assertEquals(sent.order(), got.order());
    Assertions.assertTrue(got.hasArray());
  }

  @Test
  void shortFormsAreSmall() {
    assertEquals(1, codec.encode(null).size());
    assertEquals(1, codec.encode(true).size());
    assertEquals(5, codec.encode(1).size());
    assertEquals(9, codec.encode(1L).size());
    assertEquals(9, codec.encode(1.0).size());
    assertEquals(6, codec.encode("hello").size());
    assertEquals(4_001, codec.encode(new byte[4_000]).size());
  }

  @Test
  void emptyAndUnknownMessagesAreRefused() {
    assertDamaged(new byte[0]);
    for (int tag = Byte.MIN_VALUE; tag <= Byte.MAX_VALUE; tag++) {
      if (tag != Tag.NULL && tag != Tag.TRUE && tag != Tag.FALSE && !isEmptyArray(tag)) {
        assertDamaged(new byte[] {(byte) tag});
      }
    }
  }

  private static boolean isEmptyArray(int tag) {
    return tag == Tag.BYTES
        || tag == Tag.BOOLEANS
        || tag == Tag.LATIN1
        || tag == Tag.UTF16
        || tag == Tag.BUFFER_BIG_ENDIAN
        || tag == Tag.BUFFER_LITTLE_ENDIAN;
  }

  @Test
  void rangeOutsideTheMessageIsRefused() {
    byte[] message = codec.encode(1).toBytes();
    MemorySegment segment = MemorySegment.ofArray(message);
    for (long[] range : new long[][] {{-1, 2}, {0, 6}, {0, -1}, {6, 1}, {0, Long.MAX_VALUE}}) {
      refuse(() -> codec.decode(message, (int) range[0], (int) range[1]));
      refuse(() -> codec.decode(segment, range[0], range[1]));
    }
  }

  private void assertDamaged(byte[] message) {
    refuse(() -> codec.decode(message));
    refuse(() -> codec.decode(MemorySegment.ofArray(message), 0, message.length));
  }

  private static void refuse(org.junit.jupiter.api.function.Executable decoding) {
    Assertions.assertThrows(SerializationException.class, decoding);
  }
}
