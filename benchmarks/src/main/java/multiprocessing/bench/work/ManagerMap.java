package multiprocessing.bench.work;

import java.util.LinkedHashMap;
import java.util.Map;
import multiprocessing.manager.ManagedMap;
import multiprocessing.manager.Manager;

/** Entries of a map in a manager are set and read. */
final class ManagerMap implements Work {
  private final ManagedMap<String, Integer> map = Manager.start().map();
  private final int bulk;

  /**
   * A map in a manager.
   *
   * @param bulk how many entries are set by one call; 1 for set and get of one
   */
  ManagerMap(int bulk) {
    this.bulk = bulk;
  }

  @Override
  public long run(long count) {
    return bulk == 1 ? setAndGet(count) : setMany(count);
  }

  private long setAndGet(long count) {
    long total = 0;
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      map.put("key", i);
      total += map.get("key");
    }
    long spent = System.nanoTime() - start;
    Work.check(total, count * (count - 1) / 2);
    return spent;
  }

  private long setMany(long count) {
    Map<String, Integer> entries = new LinkedHashMap<>();
    for (int i = 0; i < bulk; i++) {
      entries.put("key" + i, i);
    }
    map.clear();
    long start = System.nanoTime();
    for (long i = 0; i < count; i++) {
      map.putAll(entries);
    }
    long spent = System.nanoTime() - start;
    Work.check(map.size(), bulk);
    return spent;
  }
}
