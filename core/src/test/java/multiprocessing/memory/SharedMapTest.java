package multiprocessing.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import multiprocessing.Multiprocessing;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.Test;

/** What a shared map does in one process. */
@ProcessTest
class SharedMapTest {
  /** With a gap between its components. */
  record Point(byte level, double x, int y) {}

  private static <K, V> void keeps(Class<K> keyType, Class<V> valueType, K key, V value) {
    SharedMap<K, V> map = SharedMap.create(keyType, valueType);
    assertNull(map.put(key, value));
    assertEquals(value, map.get(key));
    assertEquals(Map.of(key, value), map);
    assertEquals(value, map.remove(key));
    assertTrue(map.isEmpty());
  }

  @Test
  void keysAndValuesComeBackAsTheyWere() {
    keeps(Boolean.class, Byte.class, true, (byte) -3);
    keeps(Byte.class, Boolean.class, Byte.MIN_VALUE, false);
    keeps(Short.class, Character.class, (short) -1, '\uFFFE');
    keeps(Character.class, Short.class, 'x', Short.MIN_VALUE);
    keeps(Integer.class, Float.class, Integer.MIN_VALUE, Float.NaN);
    keeps(Float.class, Integer.class, -0.0f, -1);
    keeps(Long.class, Double.class, Long.MIN_VALUE, Double.NEGATIVE_INFINITY);
    keeps(Double.class, Long.class, Double.NaN, -1L);
    keeps(Point.class, Point.class, new Point((byte) 1, 0.5, -7), new Point((byte) -1, 1e300, 7));
    for (String text :
        List.of("", "a", "café", "\u20AC und mehr", "\uD83D\uDE00", "\uD800 alone")) {
      keeps(String.class, String.class, text, text + text);
    }
  }

  @Test
  void zerosOfBothSignsAreTwoKeysAndEachNaNIsOne() {
    SharedMap<Double, String> map = SharedMap.create(Double.class, String.class);
    map.put(0.0, "plus");
    map.put(-0.0, "minus");
    map.put(Double.NaN, "none");
    map.put(Double.longBitsToDouble(0x7FF8_0000_0000_0001L), "other");
    assertEquals(Map.of(0.0, "plus", -0.0, "minus", Double.NaN, "other"), map);
  }

  @Test
  void bytesAreComparedByContent() {
    SharedMap<byte[], byte[]> map = SharedMap.create(byte[].class, byte[].class);
    byte[] value = {4, 5, 6};
    map.put(new byte[] {1, 2}, value);
    value[0] = 9;
    assertArrayEquals(new byte[] {4, 5, 6}, map.get(new byte[] {1, 2}));
    assertTrue(map.containsKey(new byte[] {1, 2}));
    assertFalse(map.containsKey(new byte[] {1, 2, 0}));
    assertTrue(map.entrySet().contains(Map.entry(new byte[] {1, 2}, new byte[] {4, 5, 6})));
    assertTrue(map.replace(new byte[] {1, 2}, new byte[] {4, 5, 6}, new byte[0]));
    assertArrayEquals(new byte[0], map.get(new byte[] {1, 2}));
    assertTrue(map.keySet().remove(new byte[] {1, 2}));
    assertEquals(0, map.size());
  }

  @Test
  void whatItCannotHoldIsNamed() {
    IllegalArgumentException thrown =
        assertThrows(
            IllegalArgumentException.class, () -> SharedMap.create(String.class, List.class));
    assertTrue(
        Objects.requireNonNull(thrown.getMessage())
            .startsWith("a shared map cannot hold a java.util.List:"));
    assertThrows(IllegalArgumentException.class, () -> SharedMap.create(int.class, String.class));
    assertThrows(
        IllegalArgumentException.class, () -> SharedMap.create(Map.Entry.class, String.class));
  }

  @Test
  void aKeyOfAnotherTypeIsNotThere() {
    Map<Integer, Integer> map = Multiprocessing.sharedMap(Integer.class, Integer.class);
    map.put(1, 1);
    assertNull(map.get((Object) 1L));
    assertFalse(map.containsKey((Object) "1"));
    assertNull(map.remove((Object) "1"));
    assertFalse(map.remove(1, 1L));
    assertThrows(NullPointerException.class, () -> map.get(null));
    assertEquals(1, map.size());
  }

  @Test
  void itIsAsAHashMapIs() {
    Random random = new Random(7);
    SharedMap<Integer, String> map = SharedMap.create(Integer.class, String.class);
    Map<Integer, String> model = new HashMap<>();
    for (int i = 0; i < 100_000; i++) {
      int key = random.nextInt(2_000);
      String value = Integer.toString(random.nextInt(), 36);
      switch (random.nextInt(6)) {
        case 0 -> assertEquals(model.remove(key), map.remove(key));
        case 1 -> assertEquals(model.putIfAbsent(key, value), map.putIfAbsent(key, value));
        case 2 -> assertEquals(model.replace(key, value), map.replace(key, value));
        case 3 ->
            assertEquals(
                model.merge(key, value, String::concat), map.merge(key, value, String::concat));
        case 4 -> assertEquals(model.get(key), map.get(key));
        default -> assertEquals(model.put(key, value), map.put(key, value));
      }
    }
    assertEquals(model, map);
    assertEquals(model.size(), map.size());
    map.keySet().removeIf(key -> key % 2 == 0);
    model.keySet().removeIf(key -> key % 2 == 0);
    assertEquals(model, map);
    map.replaceAll((key, value) -> value + key);
    model.replaceAll((key, value) -> value + key);
    assertEquals(model, map);
  }

  @Test
  void largeValuesAndManyEntriesHaveRoom() {
    SharedMap<Long, byte[]> map = SharedMap.create(Long.class, byte[].class);
    for (long i = 0; i < 20; i++) {
      byte[] large = new byte[1 << 20];
      large[(int) i] = 1;
      map.put(i % 4, large);
    }
    assertEquals(1, Objects.requireNonNull(map.get(3L))[19]);
    for (long i = 0; i < 200_000; i++) {
      map.put(i, new byte[] {(byte) i});
    }
    for (long i = 0; i < 200_000; i++) {
      assertEquals((byte) i, Objects.requireNonNull(map.get(i))[0]);
    }
    assertEquals(200_000, map.mappingCount());
    map.clear();
    assertTrue(map.isEmpty());
  }

  @Test
  void whoIteratesSeesWhatStaysAndDoesNotMindTheRest() {
    SharedMap<Integer, Integer> map = SharedMap.create(Integer.class, Integer.class);
    for (int i = 0; i < 1_000; i++) {
      map.put(i, i);
    }
    int seen = 0;
    for (Iterator<Map.Entry<Integer, Integer>> all = map.entrySet().iterator(); all.hasNext(); ) {
      Map.Entry<Integer, Integer> entry = all.next();
      if (entry.getKey() < 1_000) {
        seen++;
        all.remove();
        map.put(entry.getKey() + 1_000, 0);
      }
    }
    assertEquals(1_000, seen);
    assertEquals(1_000, map.size());
    assertFalse(map.keySet().stream().anyMatch(key -> key < 1_000));
  }
}
