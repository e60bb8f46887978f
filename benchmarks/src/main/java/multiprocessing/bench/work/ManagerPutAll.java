package multiprocessing.bench.work;

import java.util.LinkedHashMap;
import java.util.Map;
import multiprocessing.manager.ManagedMap;
import multiprocessing.manager.Manager;

/** Entries of a map in a manager are set, many by one call and one by one call, in turn. */
final class ManagerPutAll implements Work {
  private static final int BULK = 100;

  /** So few that whatever else the machine does meets both. */
  private static final int BLOCK = 20;

  private static final int THOUSANDTHS = 1000;

  private final ManagedMap<String, Integer> map = Manager.start().map();
  private final Map<String, Integer> entries = new LinkedHashMap<>();

  ManagerPutAll() {
    for (int i = 0; i < BULK; i++) {
      entries.put("key" + i, i);
    }
  }

  @Override
  public long run(long count) {
    map.clear();
    long one = 0;
    long all = 0;
    for (long done = 0; done < count; done += BLOCK) {
      long start = System.nanoTime();
      for (int i = 0; i < BLOCK; i++) {
        map.put("key", i);
      }
      long middle = System.nanoTime();
      for (int i = 0; i < BLOCK; i++) {
        map.putAll(entries);
      }
      one += middle - start;
      all += System.nanoTime() - middle;
    }
    Work.check(map.size(), BULK + 1);
    return Math.round((double) THOUSANDTHS * count * all / one);
  }
}
