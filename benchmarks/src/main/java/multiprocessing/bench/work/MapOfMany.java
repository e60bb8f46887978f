package multiprocessing.bench.work;

import java.util.Map;

/** Entries of a map of ten thousand are set and read, here and there in it. */
final class MapOfMany implements Work {
  private static final int ENTRIES = 10_000;
  private static final int STRIDE = 7_919; // a prime, so that each comes in its turn

  private final Map<String, Integer> map;
  private final String[] keys = new String[ENTRIES];
  private final boolean sets;

  /**
   * A map that is to be filled.
   *
   * @param map the map
   * @param sets whether to set each entry before it is read
   */
  MapOfMany(Map<String, Integer> map, boolean sets) {
    this.map = map;
    this.sets = sets;
    for (int i = 0; i < ENTRIES; i++) {
      keys[i] = "key" + i;
      map.put(keys[i], i);
    }
  }

  @Override
  public long run(long count) {
    long wrong = 0;
    int key = 0;
    long start = System.nanoTime();
    for (long i = 0; i < count; i++) {
      key = (key + STRIDE) % ENTRIES;
      if (sets) {
        map.put(keys[key], key);
      }
      Integer found = map.get(keys[key]);
      wrong += found != null && found == key ? 0 : 1;
    }
    long spent = System.nanoTime() - start;
    Work.check(wrong, 0);
    return spent;
  }
}
