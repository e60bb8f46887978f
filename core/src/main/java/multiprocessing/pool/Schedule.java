package multiprocessing.pool;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** Which work waits, and which worker gets it. Under the dispatcher's lock, but where told. */
final class Schedule {
  /*
   * A worker holds the task that it runs and the next one. Where tasks are so short that handing
   * one over takes about as long as running it, it holds more of them, so that several are handed
   * over and come back at a time. What waits behind a task that is longer than it was thought to be
   * is taken back as soon as another worker has nothing to do.
   */
  private static final int PREFETCH = 2;
  private static final int PREFETCH_SHORT = 16;
  private static final long SHORT_NANOS = 20_000;

  private final ArrayDeque<Task> returned = new ArrayDeque<>();
  private final Line waiting = new Line();
  private final Dispatcher dispatcher;
  private final Crew crew;
  private final Ledger ledger;
  private volatile boolean idle;
  private volatile boolean room;

  Schedule(Dispatcher dispatcher, Crew crew, Ledger ledger) {
    this.dispatcher = dispatcher;
    this.crew = crew;
    this.ledger = ledger;
  }

  void add(Work work) {
    waiting.add(work);
  }

  /** A task that was lost or taken back runs before those that wait. */
  void again(Task task) {
    returned.addFirst(task);
  }

  /** Takes back what a worker holds and has not begun. */
  void takeBackFrom(Worker worker) {
    for (Task task = worker.takeBack(); task != null; task = worker.takeBack()) {
      again(task);
    }
  }

  boolean isWaiting() {
    return !returned.isEmpty() || !waiting.isEmpty();
  }

  /** Whether anything waits or is with a worker. */
  boolean hasWork() {
    if (isWaiting()) {
      return true;
    }
    for (Worker worker : crew.workers()) {
      if (worker.load() > 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether a stream should offer what it has: a worker waits, or there is room for a chunk. Any
   * thread.
   */
  boolean wants(boolean wholeChunk) {
    return idle || (wholeChunk && room);
  }

  /**
   * Hands out what workers can take.
   *
   * @return whether more workers would be of use
   */
  boolean dispatch() {
    int prefetch = ledger.meanNanos() < SHORT_NANOS ? PREFETCH_SHORT : PREFETCH;
    Worker worker = crew.leastLoaded(prefetch);
    while (worker != null) {
      Task task = nextTask(worker.load() == 0);
      if (task == null) {
        balance();
        break;
      }
      assign(worker, task);
      worker = crew.leastLoaded(prefetch);
    }
    room = worker != null;
    idle = worker != null && worker.load() == 0;
    return worker == null && isWaiting();
  }

  private void assign(Worker worker, Task task) {
    boolean wasIdle = worker.load() == 0;
    worker.assign(task);
    crew.assigned(worker);
    if (wasIdle && task.options().isTimed()) {
      dispatcher.lookNow();
    }
  }

  private @Nullable Task nextTask(boolean hurry) {
    for (Task task = returned.pollFirst(); task != null; task = returned.pollFirst()) {
      if (!task.isCancelled()) {
        return task;
      }
    }
    return waiting.next(dispatcher, hurry);
  }

  /** Gives idle workers what others hold in reserve. */
  private void balance() {
    for (Worker idler : crew.workers()) {
      if (!idler.isReady() || !idler.accepts() || idler.load() > 0) {
        continue;
      }
      for (Worker busy : crew.workers()) {
        Task task = busy.hasReserve() ? busy.takeBack() : null;
        if (task != null) {
          assign(idler, task);
          break;
        }
      }
    }
  }

  /** Drops what belongs to a future or a call that was cancelled. */
  void removeAllOf(Object key) {
    waiting.removeIf(work -> isFor(work, key));
    boolean _ = returned.removeIf(task -> task.isFor(key));
  }

  private static boolean isFor(Work work, Object key) {
    if (work instanceof Task task) {
      return task.isFor(key);
    }
    boolean is = work instanceof Job job && job.isFor(key);
    if (is) {
      work.fail(new CancellationException());
    }
    return is;
  }

  void remove(Job job) {
    waiting.removeIf(work -> work == job);
  }

  /** Ends the streams that have not been read to their end. */
  void cutStreams() {
    for (Work work : waiting.all()) {
      if (work instanceof StreamJob stream) {
        stream.fail(
            new CancellationException("the pool was closed before the stream came to its end"));
        remove(stream);
      }
    }
  }

  /** All that waits. */
  List<Work> all() {
    List<Work> all = new ArrayList<>(returned);
    all.addAll(waiting.all());
    return all;
  }

  void clear() {
    returned.clear();
    waiting.clear();
  }
}
