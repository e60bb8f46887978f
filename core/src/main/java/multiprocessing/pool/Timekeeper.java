package multiprocessing.pool;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sees to the time limits of tasks: when to look next, and what to do then. Under the dispatcher's
 * lock, in the collector's thread.
 */
final class Timekeeper {
  /*
   * A worker says itself what it is at and since when, so a limit counts from the moment at which
   * the call or the item began, whatever stood before it in its queue. A position that has moved on
   * is another item, with its own time.
   *
   * At the hard limit the worker is asked where its threads are. It answers through its results,
   * from a thread that does nothing else; if it is stopped or too starved to answer, it is killed
   * without that.
   */
  private static final long DUMP_NANOS = 3_000_000_000L;
  private static final long NOT_YET_NANOS = 5_000_000;

  private final Map<Worker, Case> cases = new HashMap<>();
  private long dumps; // negative orders, each another one, so that none is overlooked

  /** What was done about the item that a worker is at. */
  private static final class Case {
    final long position;
    boolean interrupted;
    long killAt = Long.MAX_VALUE;

    Case(long position) {
      this.position = position;
    }
  }

  /** Does what is due, and gives when to look again, or {@code Long.MAX_VALUE}. */
  long check(List<Worker> workers, long now) {
    long next = Long.MAX_VALUE;
    for (Worker worker : workers) {
      Task task = worker.first();
      if (task != null && task.options().isTimed() && !worker.isDead()) {
        next = Math.min(next, check(worker, task, now));
      } else if (!cases.isEmpty()) {
        cases.remove(worker);
      }
    }
    return next;
  }

  private long check(Worker worker, Task task, long now) {
    Channel.Position position = worker.position();
    TaskOptions options = task.options();
    long soft = TaskOptions.nanos(options.softTimeout());
    long hard = TaskOptions.nanos(options.hardTimeout());
    if (!position.isOf(task.id())) {
      cases.remove(worker);
      return now + Math.max(NOT_YET_NANOS, Math.min(soft, hard) / 4);
    }
    Case known = cases.get(worker);
    if (known == null || known.position != position.word()) {
      known = new Case(position.word());
      cases.put(worker, known);
    }
    if (known.killAt != Long.MAX_VALUE) {
      if (now < known.killAt) {
        return known.killAt;
      }
      worker.killOverTime("nobody knows: it did not answer within three seconds");
      return Long.MAX_VALUE;
    }
    long ran = now - position.since();
    if (ran >= hard) {
      known.killAt = now + DUMP_NANOS;
      worker.order(--dumps);
      return known.killAt;
    }
    if (ran >= soft && !known.interrupted) {
      known.interrupted = true;
      worker.order(position.word());
    }
    long left = Math.min(known.interrupted ? Long.MAX_VALUE : soft - ran, hard - ran);
    return left > Long.MAX_VALUE / 2 ? Long.MAX_VALUE : now + left;
  }

  /** The worker has told where its threads are. */
  void told(Worker worker, String threads) {
    Case known = cases.get(worker);
    if (known == null || known.killAt == Long.MAX_VALUE) {
      return;
    }
    // It may have come to the end of the item meanwhile; then all is well, however late.
    if (worker.position().word() == known.position) {
      worker.killOverTime(threads);
    }
  }

  void gone(Worker worker) {
    cases.remove(worker);
  }
}
