package multiprocessing.pool;

import java.time.Duration;

/** What is remembered of the life of a worker; under the dispatcher's lock. */
final class WorkerRecord {
  private final long started = System.nanoTime();
  private long ready;
  private long lastTask = started;
  private long tasks;
  private long workingNanos;
  private String reason = "";

  void ready() {
    ready = System.nanoTime();
    lastTask = ready;
  }

  void worked(long nanos) {
    workingNanos += nanos;
  }

  void taskEnded(long now) {
    tasks++;
    lastTask = now;
  }

  void busyAt(long now) {
    lastTask = now;
  }

  /** Since when it has had nothing to do, if it has nothing. */
  long idleSince() {
    return lastTask;
  }

  void leaves(String why) {
    if (reason.isEmpty()) {
      reason = why;
    }
  }

  /** Why the pool let it go; empty if it did not. */
  String reason() {
    return reason;
  }

  long tasks() {
    return tasks;
  }

  Duration startUp() {
    return Duration.ofNanos((ready == 0 ? System.nanoTime() : ready) - started);
  }

  Duration working() {
    return Duration.ofNanos(workingNanos);
  }

  Duration waiting() {
    return ready == 0
        ? Duration.ZERO
        : Duration.ofNanos(Math.max(0, System.nanoTime() - ready - workingNanos));
  }
}
