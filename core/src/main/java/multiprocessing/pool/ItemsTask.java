package multiprocessing.pool;

import org.jspecify.annotations.Nullable;

/** Some items in a row of a {@link Job}. */
final class ItemsTask extends Task {
  private final Job job;
  private final long from;
  private final int count;
  private final @Nullable Batch batch;
  private final int skip;
  private int received;

  /**
   * A task of {@code count} items.
   *
   * @param from the number of the first in its job
   * @param batch those items, encoded, for a job that does not keep them itself
   * @param skip how many items of the batch come before
   */
  ItemsTask(long id, Job job, long from, int count, @Nullable Batch batch, int skip) {
    super(id, job.options());
    this.job = job;
    this.from = from;
    this.count = count;
    this.batch = batch;
    this.skip = skip;
  }

  long from() {
    return from;
  }

  int count() {
    return count;
  }

  @Nullable Batch batch() {
    return batch;
  }

  /** How many items of the batch come before the first of this task. */
  int skip() {
    return skip;
  }

  int received() {
    return received;
  }

  @Override
  Job job() {
    return job;
  }

  @Override
  boolean isFor(Object key) {
    return job.isFor(key);
  }

  @Override
  void send(Worker worker) {
    Message.Builder message = worker.scratch().begin(Message.ITEMS, id(), job.id());
    job.encode(message, this);
    if (job.isEnded()) {
      worker.dropped(this); // an item could not be encoded: nothing to do any more
    } else {
      job.chunks().measured(0, 0, message.length());
      worker.send(message);
    }
  }

  @Override
  boolean isCancelled() {
    return job.isEnded();
  }

  @Override
  boolean receive(byte[] message) {
    if (job.meter() != null) {
      countDone(Message.count(message)); // at first: with the last one the job has ended
    }
    int more = job.receive(this, message);
    received += more;
    job.chunks().measured(Message.second(message), more, message.length);
    return received == count;
  }

  private void countDone(int items) {
    ProgressMeter meter = job.meter();
    if (meter != null) {
      meter.done(items);
    }
  }

  @Override
  void lost(Dispatcher dispatcher, Worker worker, int started) {
    boolean timedOut = worker.dumpBeforeKill() != null;
    boolean tooOften = timedOut || lostTooOften();
    int end = tooOften ? Math.min(count, started + 1) : received;
    countDone(Math.max(0, end - received));
    for (int i = received; i < end; i++) {
      job.itemFailed(this, i, loss(worker, job.describe(this, i)));
    }
    end = Math.max(end, received);
    if (end < count) {
      ItemsTask rest =
          new ItemsTask(dispatcher.nextId(), job, from + end, count - end, batch, skip + end);
      if (!tooOften) {
        rest.inheritLosses(this);
      }
      dispatcher.again(rest);
    }
  }

  @Override
  String describe(int item) {
    return job.describe(this, Math.clamp(item, 0, count - 1));
  }

  @Override
  public void fail(Throwable reason) {
    job.fail(reason);
  }
}
