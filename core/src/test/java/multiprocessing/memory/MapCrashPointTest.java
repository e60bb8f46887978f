package multiprocessing.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import multiprocessing.process.ChildProcess;
import multiprocessing.testing.Children;
import multiprocessing.testing.CrashPoints;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Lets a writer of a shared map die at each step of a change, which then is whole or not there. */
@Tag("crash")
@ProcessTest
@Deadline(seconds = 40)
class MapCrashPointTest {
  private static final int STEPS = 20_000;
  private static final int KEYS = 300;

  static List<Arguments> placesAndTimes() {
    return crashPoints().stream()
        .flatMap(
            place ->
                IntStream.of(CrashPoints.times(1, 2, 40))
                    .mapToObj(time -> Arguments.of(place, time)))
        .toList();
  }

  private static List<String> crashPoints() {
    return CrashPoints.named(place -> place.startsWith("map."));
  }

  @Test
  void theSourcesNameCrashPoints() {
    assertFalse(crashPoints().isEmpty());
  }

  /** The same changes for the same seed, to a map and to its model. */
  private static final class Changes {
    private final Random random;

    Changes(long seed) {
      random = new Random(seed);
    }

    void next(Map<Integer, byte[]> map) {
      int key = random.nextInt(KEYS);
      int dice = random.nextInt(1_000);
      byte[] value = new byte[random.nextBoolean() ? 8 : random.nextInt(100)];
      random.nextBytes(value);
      if (dice < 3) {
        map.clear();
      } else if (dice < 200) {
        map.remove(key);
      } else if (dice < 300) {
        map.putIfAbsent(key, value);
      } else {
        map.put(key, value);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("placesAndTimes")
  void aDeathThereHarmsNobody(String place, int time) throws InterruptedException {
    SharedMap<Integer, byte[]> map = SharedMap.create(Integer.class, byte[].class);
    SharedValue.OfLong done = SharedValue.ofLong(0);
    long seed = time * 31L + place.hashCode();
    ChildProcess child =
        CrashPoints.doomed(
            () -> {
              Changes changes = new Changes(seed);
              for (int i = 0; i < STEPS; i++) {
                changes.next(map);
                done.set(i + 1);
              }
            },
            place,
            time);
    assertEquals(Children.KILLED, Children.exitCode(child), "it should have died at " + place);

    Changes changes = new Changes(seed);
    Map<Integer, byte[]> before = new HashMap<>();
    for (long i = 0; i < done.get(); i++) {
      changes.next(before);
    }
    Map<Integer, byte[]> after = new HashMap<>(before);
    changes.next(after);
    for (int key = 0; key < KEYS; key++) { // one by one: clear() goes part by part
      byte[] found = map.get(key);
      assertTrue(
          Arrays.equals(found, before.get(key)) || Arrays.equals(found, after.get(key)),
          "neither before the change nor after it: " + key);
    }
    long found = IntStream.range(0, KEYS).filter(map::containsKey).count();
    assertTrue(after.isEmpty() || found == before.size() || found == after.size());
    assertEquals(found, map.size());
    assertEquals(found, map.entrySet().stream().count());

    Map<Integer, byte[]> model = new HashMap<>();
    map.forEach(model::put);
    for (int i = 0; i < STEPS; i++) { // whoever is left goes on
      new Changes(i).next(model);
      new Changes(i).next(map);
    }
    for (int key = 0; key < KEYS; key++) {
      assertArrayEquals(model.get(key), map.get(key));
    }
    assertEquals(model.size(), map.size());
  }
}
