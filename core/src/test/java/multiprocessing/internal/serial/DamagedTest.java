package multiprocessing.internal.serial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import multiprocessing.error.SerializationException;
import multiprocessing.internal.serial.Samples.Box;
import multiprocessing.internal.serial.Samples.Point;
import multiprocessing.internal.serial.Samples.Range;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bytes that no encoder made: a decoder may refuse them or find something in them, no more. */
@Timeout(120)
final class DamagedTest {
  private static final int INPUTS = 20_000;

  private final Codec codec = Mode.DEFAULT.codec();

  private static List<byte[]> messages(Codec codec) {
    List<byte[]> messages = new ArrayList<>();
    for (Object value :
        new Object[] {
          true,
          1,
          1L,
          1.5,
          'c',
          "text",
          "漢字",
          new byte[20],
          new int[5],
          new double[3],
          ByteBuffer.allocate(9),
          new char[4],
          new boolean[3],
          new short[3],
          new Object[] {1, "text", null},
          new ArrayList<>(List.of(2L, new byte[3], List.of("漢字"))),
          new HashMap<>(Map.of("key", 1.5, 'c', true))
        }) {
      messages.add(codec.encode(value).toBytes());
    }
    messages.add(codec.encodeFailure(new IllegalStateException("x")).toBytes());
    return messages;
  }

  /** Decodes in each of the three ways; the outcome must be the same. */
  private void decode(byte[] message, long seed) {
    String fromArray = outcome(() -> codec.decode(message));
    byte[] padded = new byte[message.length + 2];
    System.arraycopy(message, 0, padded, 1, message.length);
    assertEquals(fromArray, outcome(() -> codec.decode(padded, 1, message.length)), "seed " + seed);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment shared = arena.allocate(message.length + 1, 1);
      MemorySegment.copy(MemorySegment.ofArray(message), 0, shared, 1, message.length);
      assertEquals(
          fromArray, outcome(() -> codec.decode(shared, 1, message.length)), "seed " + seed);
    }
  }

  private interface Decoding {
    @Nullable Object run();
  }

  private static String outcome(Decoding decoding) {
    try {
      Object value = decoding.run();
      return value == null ? "null" : value.getClass().getName();
    } catch (SerializationException e) {
      return "refused";
    } catch (Throwable e) {
      return fail("decode threw " + e, e);
    }
  }

  @Test
  void garbageIsRefusedOrDecoded() {
    for (int seed = 0; seed < INPUTS; seed++) {
      var random = new Random(seed);
      byte[] message = new byte[random.nextInt(40)];
      random.nextBytes(message);
      if (message.length > 0) {
        int tag = random.nextInt(Tag.JAVA);
        message[0] = tag == Tag.JAVA - 1 ? Tag.FAILURE : (byte) tag;
      }
      decode(message, seed);
    }
  }

  @Test
  void changedMessagesAreRefusedOrDecoded() {
    List<byte[]> messages = messages(codec);
    for (int seed = 0; seed < INPUTS; seed++) {
      var random = new Random(seed);
      byte[] message = messages.get(random.nextInt(messages.size())).clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        message[random.nextInt(Math.min(message.length, 60))] = (byte) random.nextInt();
      }
      decode(message, seed);
    }
  }

  @Test
  void truncatedMessagesAreRefusedOrShorter() {
    for (byte[] whole : messages(codec)) {
      for (int length = 0; length < Math.min(whole.length, 300); length++) {
        byte[] message = new byte[length];
        System.arraycopy(whole, 0, message, 0, length);
        decode(message, length);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void truncatedObjectsAreRefused(Mode mode) {
    byte[] message = mode.codec().encode(new Box<>(new Point(1, "label", 2))).toBytes();
    for (int length = 1; length < message.length; length++) {
      int end = length;
      var e =
          assertThrows(SerializationException.class, () -> mode.codec().decode(message, 0, end));
      assertTrue(String.valueOf(e.getMessage()).startsWith("cannot restore"), e.getMessage());
    }
  }

  @ParameterizedTest
  @EnumSource
  void changedObjectsAreRefusedOrDecoded(Mode mode) {
    byte[] whole = mode.codec().encode(new Box<>(List.of(new Point(1, "label", 2)))).toBytes();
    Codec receiver = mode.codec();
    for (int seed = 0; seed < 500; seed++) {
      var random = new Random(seed);
      byte[] message = whole.clone();
      message[1 + random.nextInt(message.length - 1)] = (byte) random.nextInt();
      outcome(() -> receiver.decode(message));
    }
    assertEquals(new Box<>(List.of(new Point(1, "label", 2))), receiver.decode(whole));
  }

  @ParameterizedTest
  @EnumSource
  void objectThatRefusesToBeRestoredIsReportedWithItsReason(Mode mode) {
    byte[] message = mode.codec().encode(new Range(1, 2)).toBytes();
    message[lastIndexOf(message, mode == Mode.WARM ? 2 : 1)] = 100;
    var e = assertThrows(SerializationException.class, () -> mode.codec().decode(message));
    assertTrue(String.valueOf(e.getMessage()).contains("low > high"), e.getMessage());
  }

  private static int lastIndexOf(byte[] message, int value) {
    int i = message.length - 1;
    while (message[i] != value) {
      i--;
    }
    return i;
  }

  @Test
  void objectOfAClassThatTheReceiverLacksIsReportedWithItsName() throws Exception {
    String source =
        "package elsewhere; public record Thing(int x) implements java.io.Serializable {}";
    ClassLoader elsewhere = Compiled.loader(java.util.Map.of("elsewhere.Thing", source));
    Class<?> type = elsewhere.loadClass("elsewhere.Thing");
    Object thing = type.getConstructor(int.class).newInstance(5);
    for (Mode mode : Mode.values()) {
      byte[] message = Compiled.with(elsewhere, () -> mode.codec().encode(thing).toBytes());
      var e = assertThrows(SerializationException.class, () -> mode.codec().decode(message));
      assertTrue(String.valueOf(e.getMessage()).contains("elsewhere.Thing"), e.getMessage());
      assertEquals(thing, Compiled.with(elsewhere, () -> mode.codec().decode(message)));
    }
  }
}
