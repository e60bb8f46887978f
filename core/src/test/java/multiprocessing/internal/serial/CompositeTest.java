package multiprocessing.internal.serial;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import multiprocessing.error.SerializationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Collections with a short form, and those that only look as if they had one. */
final class CompositeTest {
  private final Codec codec = Mode.DEFAULT.codec();

  private static Object[] values() {
    return Stream.of(
            Stream.of((Object) null), PlainTest.boxes(), PlainTest.strings(), PlainTest.arrays())
        .flatMap(each -> each)
        .toArray();
  }

  static Stream<Arguments> composites() {
    Object[] values = values();
    List<Object> numbered = new ArrayList<>();
    Map<Object, Object> map = new HashMap<>();
    for (Object value : PlainTest.boxes().toList()) {
      map.put(value, "value " + value);
      map.put("key " + value, value);
    }
    map.put(null, null);
    for (int i = 0; i < 1000; i++) {
      numbered.add(i);
      numbered.add("number " + i);
    }
    return Stream.<Object>of(
            new Object[0],
            values,
            new ArrayList<>(),
            new ArrayList<>(Arrays.asList(values)),
            numbered,
            List.of(),
            List.of(1),
            List.of("a", 2L),
            List.of(1, 2, "three"),
            List.copyOf(numbered),
            new HashMap<>(),
            map,
            new ArrayList<>(List.of(List.of(), new Object[] {1, List.of("x")}, new HashMap<>(map))),
            new HashMap<>(Map.of("bytes", new byte[] {1}, "list", new ArrayList<>(List.of(1.5)))))
        .map(value -> Arguments.of(value)); // one argument, also if it is an array
  }

  @ParameterizedTest
  @MethodSource("composites")
  void itArrivesEqualAndOfTheSameClass(Object value) {
    byte[] message = codec.encode(value).toBytes();
    assertTrue(Composite.isComposite(message[0]), value.getClass().getName());
    assertFalse(Codec.isPlain(message));
    Object copy = Objects.requireNonNull(codec.decode(message));
    assertSame(value.getClass(), copy.getClass());
    assertArrayEquals(new Object[] {content(value)}, new Object[] {content(copy)});
    byte[] padded = Arrays.copyOf(new byte[3], message.length + 7);
    System.arraycopy(message, 0, padded, 3, message.length);
    Object again = codec.decode(padded, 3, message.length);
    assertArrayEquals(new Object[] {content(value)}, new Object[] {content(again)});
  }

  /** As arrays, which can be compared deeply; a map in the order in which it gives its entries. */
  private static @Nullable Object content(@Nullable Object value) {
    return switch (value) {
      case List<?> list -> list.stream().map(CompositeTest::content).toArray();
      case Object[] array -> Arrays.stream(array).map(CompositeTest::content).toArray();
      case Map<?, ?> map -> {
        Map<Object, Object> sorted = new TreeMap<>();
        map.forEach(
            (key, each) -> {
              String type = key == null ? "" : key.getClass().getName();
              sorted.put(type + key, new Object[] {key, content(each)});
            });
        yield sorted.values().toArray();
      }
      case ByteBuffer buffer -> buffer.duplicate();
      case null, default -> value;
    };
  }

  @Test
  void shortFormsAreSmall() {
    Map<String, Integer> map = new HashMap<>();
    for (int i = 0; i < 100; i++) {
      map.put("key" + i, i);
    }
    assertTrue(codec.encode(map).size() <= 2 + 100 * (2 + 5 + 5));
    assertEquals(3, codec.encode(new ArrayList<>(Arrays.asList((Object) null))).size());
  }

  private static List<Object> nested(int levels) {
    List<Object> nested = new ArrayList<>();
    for (int i = 1; i < levels; i++) {
      nested = new ArrayList<>(List.of(nested));
    }
    return nested;
  }

  /** What would arrive as something else travels by a serializer, and arrives as it should. */
  @Test
  void whatHasMoreToItIsLeftToASerializer() {
    byte[] shared = {1, 2};
    List<Object> twice = new ArrayList<>(List.of(shared, shared));
    List<?> copy = (List<?>) bySerializer(twice);
    assertSame(copy.get(0), copy.get(1));

    List<Object> cycle = new ArrayList<>();
    cycle.add(cycle);
    copy = (List<?>) bySerializer(cycle);
    assertSame(copy, copy.getFirst());

    List<Integer> one = new ArrayList<>(List.of(1));
    copy = (List<?>) bySerializer(new ArrayList<>(List.of(one, one)));
    assertSame(copy.get(0), copy.get(1));

    List<@Nullable Integer> withNull = Stream.of(1, null, 3).toList();
    assertEquals(withNull, bySerializer(withNull));
    List<Integer> mayHaveNull = Stream.of(1, 2, 3).toList();
    assertFalse(((List<?>) bySerializer(mayHaveNull)).contains(null));

    assertEquals(Map.of("a", 1), bySerializer(new LinkedHashMap<>(Map.of("a", 1))));
    assertEquals(Map.of("a", 1), bySerializer(new TreeMap<>(Map.of("a", 1))));
    assertEquals(nested(40), bySerializer(nested(40)));
    assertEquals(
        List.of(new Samples.Point(1, "p", 2)),
        bySerializer(new ArrayList<>(List.of(new Samples.Point(1, "p", 2)))));
    assertArrayEquals(new String[] {"a"}, (String[]) bySerializer(new String[] {"a"}));
  }

  private Object bySerializer(Object value) {
    byte[] message = codec.encode(value).toBytes();
    assertFalse(Composite.isComposite(message[0]), value.getClass().getName());
    Object copy = Objects.requireNonNull(codec.decode(message));
    assertSame(value.getClass(), copy.getClass());
    return copy;
  }

  @Test
  void aCountIsBelievedAsFarAsThereAreBytes() {
    for (byte tag = Tag.OBJECTS; tag <= Tag.MAP; tag++) {
      refuse(codec, tag);
      refuse(codec, tag, -1, -1, -1, -1, 7);
      refuse(codec, tag, -1, -1, -1, -1, -1, -1, -1);
      refuse(codec, tag, 5, Tag.NULL);
      refuse(codec, tag, 1);
      refuse(codec, tag, 0, Tag.NULL);
      refuse(codec, tag, 2, Tag.LATIN1, 9, 'x');
      refuse(codec, tag, 2, Tag.UTF16, 1, 'x');
      refuse(codec, tag, 2, Tag.INTEGER, 1, 2);
      refuse(codec, tag, 2, Tag.BYTES, 0, Tag.NULL);
      refuse(codec, tag, 2, Tag.INTEGERS, 3, Tag.INTEGERS, 1, 2);
      refuse(codec, tag, 2, Tag.JAVA, 1);
    }
    byte[] deep = new byte[2000];
    for (int i = 0; i < deep.length; i += 2) {
      deep[i] = Tag.LIST;
      deep[i + 1] = 1;
    }
    assertThrows(SerializationException.class, () -> codec.decode(deep));
    refuse(codec, Tag.FIXED_LIST, 1, Tag.NULL);
  }

  private static void refuse(Codec codec, int... message) {
    byte[] bytes = new byte[message.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) message[i];
    }
    assertThrows(SerializationException.class, () -> codec.decode(bytes));
  }

  /** As if they were sent by Java serialization. */
  @Test
  void filtersAreAsked() {
    byte[] list =
        codec.encode(new ArrayList<>(List.of(1, new HashMap<>(Map.of("a", 1))))).toBytes();
    byte[] fixed = codec.encode(List.of(1, 2, 3)).toBytes();
    byte[] array = codec.encode(new Object[] {1, 2, 3}).toBytes();
    assertEquals(2, ((List<?>) decode("java.base/*;!*", list)).size());
    assertEquals(3, ((List<?>) decode("java.util.CollSer;java.lang.*;!*", fixed)).size());
    assertEquals(3, ((Object[]) decode("java.lang.*;!*", array)).length);
    refuse("!java.util.HashMap", list);
    refuse("java.lang.*;!*", list);
    refuse("java.util.ArrayList;java.lang.*;!*", list);
    refuse("java.lang.*;!*", fixed);
    refuse("!*", array);
    refuse("maxarray=2", array);
    refuse("maxarray=2", fixed);
    refuse("maxdepth=1", list);
  }

  private static Object decode(String filter, byte[] message) {
    return Objects.requireNonNull(Codec.outside(filter).decode(message));
  }

  private static void refuse(String filter, byte[] message) {
    SerializationException thrown =
        assertThrows(SerializationException.class, () -> decode(filter, message));
    assertTrue(String.valueOf(thrown.getMessage()).contains("filter"), thrown.getMessage());
  }

  /**
   * A list that another thread changes fails or travels, but never as something that it was not.
   */
  @Test
  void whatChangesMeanwhileIsNotMixedUp() throws Exception {
    List<Integer> changing = new ArrayList<>(List.of(0, 1, 2));
    Thread changer =
        Thread.ofPlatform()
            .daemon()
            .start(
                () -> {
                  for (int i = 0; i < 200_000; i++) {
                    if (changing.size() > 50) {
                      changing.clear();
                    }
                    changing.add(changing.size());
                  }
                });
    while (changer.isAlive()) {
      try {
        Object copy = codec.decode(codec.encode(changing).toBytes());
        assertTrue(copy instanceof List<?> list && list.size() <= 60);
      } catch (SerializationException e) {
        // by a serializer, which has noticed
      }
    }
    changer.join();
  }
}
