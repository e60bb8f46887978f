package multiprocessing.pool;

import java.io.InvalidObjectException;
import java.io.Serializable;
import java.lang.foreign.MemorySegment;
import multiprocessing.internal.shm.RecordQueue;
import multiprocessing.internal.shm.SharedBlock;
import multiprocessing.internal.sync.Signal;
import multiprocessing.internal.sync.Words;
import org.jspecify.annotations.Nullable;

/**
 * What a pool and one of its workers share: a queue each way, the word that says how far the worker
 * is, and the pool's bell, which the worker rings when it has put a result.
 *
 * <p>No worker shares a lock with another, so that one which is stopped or killed holds up none.
 */
final class Channel {
  private static final long STARTED_BYTES = 64;

  private final RecordQueue tasks;
  private final RecordQueue results;
  private final SharedBlock progress;
  private final SharedBlock bell;
  private final Signal signal;

  private Channel(RecordQueue tasks, RecordQueue results, SharedBlock progress, SharedBlock bell) {
    this.tasks = tasks;
    this.results = results;
    this.progress = progress;
    this.bell = bell;
    this.signal = new Signal(bell.segment(), bell.offset());
  }

  /** A new channel of the pool that owns {@code bell}. */
  static Channel create(SharedBlock bell) {
    return new Channel(
        RecordQueue.create(0), RecordQueue.create(0), SharedBlock.create(STARTED_BYTES), bell);
  }

  RecordQueue tasks() {
    return tasks;
  }

  RecordQueue results() {
    return results;
  }

  /** Puts a result, and rings. */
  void report(byte[] head, int length, @Nullable MemorySegment body) {
    boolean _ = results.offer(head, length, body);
    signal.wake(1);
  }

  /** The worker is about to start the item {@code index} of a task. */
  void started(long task, int index) {
    Words.LONG.setRelease(progress.segment(), progress.offset(), task << 32 | index);
  }

  /** Which item of the task the worker has started last; -1 if none of that task. */
  int startedItem(long task) {
    long word = (long) Words.LONG.getAcquire(progress.segment(), progress.offset());
    return word >>> 32 == (task & 0xFFFF_FFFFL) ? (int) word : -1;
  }

  void close() {
    tasks.block().close();
    results.block().close();
    progress.close();
  }

  Sent export() {
    return new Sent(
        tasks.block().export(), results.block().export(), progress.export(), bell.export());
  }

  /** What travels to the worker. */
  record Sent(
      SharedBlock.Handle tasks,
      SharedBlock.Handle results,
      SharedBlock.Handle progress,
      SharedBlock.Handle bell)
      implements Serializable {
    Channel attach() throws InvalidObjectException {
      return new Channel(
          RecordQueue.at(tasks.attach()),
          RecordQueue.at(results.attach()),
          progress.attach(),
          bell.attach());
    }
  }
}
