import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentMap;
import multiprocessing.Multiprocessing;
import multiprocessing.manager.Manager;
import multiprocessing.process.ChildProcess;
import org.jspecify.annotations.NullMarked;

/** 13 manager-map: ten processes write into one map, which a manager holds. */
@NullMarked
public final class Demo13ManagerMap {
  private static void worker(ConcurrentMap<Integer, Integer> map, int key, int value) {
    map.put(key, value);
  }

  public static void main(String[] args) throws InterruptedException {
    try (Manager manager = Multiprocessing.manager()) {
      ConcurrentMap<Integer, Integer> map = manager.map();
      List<ChildProcess> jobs = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        int key = i;
        jobs.add(Multiprocessing.process(() -> worker(map, key, key * 2)));
      }
      for (ChildProcess job : jobs) {
        job.start();
      }
      for (ChildProcess job : jobs) {
        job.join();
      }
      System.out.println(
          "Results: "
              + new TreeMap<>(map)
                  .entrySet().stream()
                      .map(entry -> entry.getKey() + ": " + entry.getValue())
                      .collect(joining(", ", "{", "}")));
    }
  }
}
