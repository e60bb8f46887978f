package multiprocessing.pool;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The work that waits: by priority, then in the order in which it came, but that jobs take turns
 * with what came after them, a chunk at a time, so that a long one holds nothing up.
 */
final class Line {
  private final TreeMap<Integer, ArrayDeque<Work>> byPriority =
      new TreeMap<>(Collections.reverseOrder());

  void add(Work work) {
    byPriority.computeIfAbsent(work.options().priority(), _ -> new ArrayDeque<>()).addLast(work);
  }

  boolean isEmpty() {
    return byPriority.isEmpty();
  }

  /** The next task that is wanted; null if there is none just now. */
  @Nullable Task next(Dispatcher dispatcher, boolean hurry) {
    Task task = null;
    while (task == null && !byPriority.isEmpty()) {
      Map.Entry<Integer, ArrayDeque<Work>> first = byPriority.firstEntry();
      task = next(first.getValue(), dispatcher, hurry);
      if (!first.getValue().isEmpty()) {
        if (task == null) {
          return nextBelow(first.getKey(), dispatcher, hurry);
        }
      } else {
        byPriority.remove(first.getKey());
      }
    }
    return task;
  }

  /** All of a higher priority are waiting for items. */
  private @Nullable Task nextBelow(int priority, Dispatcher dispatcher, boolean hurry) {
    Task task = null;
    for (ArrayDeque<Work> works : byPriority.tailMap(priority, false).values()) {
      if (task == null) {
        task = next(works, dispatcher, hurry);
      }
    }
    boolean _ = byPriority.values().removeIf(ArrayDeque::isEmpty);
    return task;
  }

  private static @Nullable Task next(ArrayDeque<Work> works, Dispatcher dispatcher, boolean hurry) {
    for (int left = works.size(); left > 0; left--) {
      Work first = works.removeFirst();
      if (first instanceof Task task) {
        if (!task.isCancelled()) {
          return task;
        }
      } else if (first instanceof Job job) {
        Task task = job.nextTask(dispatcher, hurry);
        if (!job.isExhausted()) {
          works.addLast(job);
        }
        if (task != null) {
          return task;
        }
      }
    }
    return null;
  }

  /** Takes out what is not to be done any more. */
  void removeIf(Predicate<Work> unwanted) {
    for (ArrayDeque<Work> works : byPriority.values()) {
      boolean _ = works.removeIf(unwanted);
    }
    boolean _ = byPriority.values().removeIf(ArrayDeque::isEmpty);
  }

  /** All of it, in order. */
  List<Work> all() {
    List<Work> all = new ArrayList<>();
    byPriority.values().forEach(all::addAll);
    return all;
  }

  void clear() {
    byPriority.clear();
  }
}
