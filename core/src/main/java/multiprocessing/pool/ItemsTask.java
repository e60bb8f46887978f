package multiprocessing.pool;

import multiprocessing.internal.serial.Codec;
import org.jspecify.annotations.Nullable;

/** Some items in a row of a {@link MapJob}. */
final class ItemsTask extends Task {
  private final MapJob job;
  private final int from;
  private final int count;
  private int received;

  ItemsTask(long id, MapJob job, int from, int count) {
    super(id);
    this.job = job;
    this.from = from;
    this.count = count;
  }

  int count() {
    return count;
  }

  @Override
  @Nullable MapJob job() {
    return job;
  }

  @Override
  void send(Worker worker) {
    Message.Builder message = new Message.Builder().begin(Message.ITEMS, id(), job.id());
    job.encode(message, from, count);
    if (job.isEnded()) {
      worker.ended(this); // an item could not be encoded: nothing to do any more
    } else {
      worker.send(message);
    }
  }

  @Override
  boolean isCancelled() {
    return job.isEnded();
  }

  @Override
  boolean receive(byte[] message) {
    Message.Pieces outcomes = new Message.Pieces(message);
    int before = received;
    while (outcomes.next()) {
      int index = from + received++;
      Object value;
      try {
        value = outcomes.decode(Codec.shared());
      } catch (Throwable undecodable) {
        job.itemFailed(index, undecodable);
        continue;
      }
      job.ended(index, value);
    }
    job.measured(Message.second(message), received - before);
    return received == count;
  }

  @Override
  void lost(Dispatcher dispatcher, Worker worker, int started) {
    boolean tooOften = lostTooOften(dispatcher);
    int end = tooOften ? Math.min(count, started + 1) : received;
    for (int i = received; i < end; i++) {
      job.itemFailed(from + i, workerLost(worker, job.describe(from + i)));
    }
    end = Math.max(end, received);
    if (end < count) {
      ItemsTask rest = new ItemsTask(dispatcher.nextId(), job, from + end, count - end);
      if (!tooOften) {
        rest.inheritLosses(this);
      }
      dispatcher.again(rest);
    }
  }

  @Override
  void fail(Throwable reason) {
    job.fail(reason);
  }
}
