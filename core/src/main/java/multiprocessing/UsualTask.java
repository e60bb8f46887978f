package multiprocessing;

import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import multiprocessing.error.SharedMemoryExhaustedException;
import multiprocessing.memory.SharedArray;
import multiprocessing.memory.SharedValue;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.queue.ProcessQueue;
import multiprocessing.sync.ProcessEvent;
import multiprocessing.sync.ProcessLock;
import multiprocessing.sync.ProcessReentrantLock;
import multiprocessing.sync.ProcessSemaphore;

/**
 * What tasks commonly do with this library and with Java. The zygote of a fork server does it
 * before it is asked for its first children, so that these find it loaded, linked and compiled: to
 * read the first record alone takes a fresh virtual machine 40 ms.
 */
final class UsualTask {
  private static final int LENGTH = 4;

  private UsualTask() {}

  /** What user's tasks capture beside shared objects. */
  private record Sample(String name, int number, List<String> words) implements Serializable {}

  /**
   * Returns the task. It leaves everything as it was, and can be run again and again; the shared
   * objects that it holds are those of its maker.
   */
  static SerializableRunnable make() {
    ProcessLock lock = new ProcessLock();
    ProcessReentrantLock reentrant = new ProcessReentrantLock();
    ProcessSemaphore semaphore = new ProcessSemaphore(1);
    ProcessEvent event = new ProcessEvent();
    ProcessQueue<String> queue = new ProcessQueue<>();
    SharedValue.OfLong value = SharedValue.ofLong(0);
    SharedArray.OfDouble array = SharedArray.ofDoubles(LENGTH);
    Sample sample = new Sample("sample", 1, List.of("a", "b"));
    return () -> {
      synchronize(lock, reentrant, semaphore, event);
      compute(sample);
      try {
        share(queue, value, array);
      } catch (SharedMemoryExhaustedException e) {
        // not at a rehearsal: who needs it in earnest is told
      }
    };
  }

  private static void synchronize(
      ProcessLock lock,
      ProcessReentrantLock reentrant,
      ProcessSemaphore semaphore,
      ProcessEvent event) {
    lock.hold().close();
    reentrant.hold().close();
    if (semaphore.tryAcquire()) {
      semaphore.release();
    }
    event.set();
    event.clear();
  }

  private static void share(
      ProcessQueue<String> queue, SharedValue.OfLong value, SharedArray.OfDouble array) {
    queue.add("sample");
    queue.poll();
    value.set(value.get() + 1);
    value.getAndAdd(-1);
    array.set(1, array.get(0) + value.get());
  }

  private static void compute(Sample sample) {
    Map<String, Integer> lengths = new HashMap<>();
    sample.words.forEach(word -> lengths.merge(word, word.length(), Integer::sum));
    String text =
        sample.words.stream()
            .map(word -> word + sample.number + lengths.get(word))
            .collect(Collectors.joining(", ", sample.name + ": ", "."));
    text += String.format(" %s %d %.3f", sample, text.hashCode(), lengths.size() / 3.0);
    if (text.isEmpty() || !sample.equals(new Sample(sample.name, sample.number, sample.words))) {
      throw new IllegalStateException("the task has lost what it captured: " + text);
    }
  }
}
