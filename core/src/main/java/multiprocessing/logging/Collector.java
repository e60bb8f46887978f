package multiprocessing.logging;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.logging.Logger;
import multiprocessing.error.ShutdownException;
import multiprocessing.internal.relay.LogRelay;
import multiprocessing.internal.session.Finalizers;
import multiprocessing.internal.session.Log;
import multiprocessing.internal.shm.RecordQueue;

/** Hands records of children to the handlers of this process. */
final class Collector implements Runnable {
  private static final long PATIENCE_MILLIS = 1_000;

  private final Logger target;
  private final RecordQueue records = RecordQueue.create(0);
  private final Thread thread;

  private Collector(Logger target) {
    this.target = target;
    this.thread =
        Thread.ofPlatform()
            .daemon()
            .name("multiprocessing-log-collector")
            .inheritInheritableThreadLocals(false)
            .unstarted(this);
  }

  /** Begins to collect from the children that are started from now on. */
  static Collector start(Logger target) {
    Collector collector = new Collector(target);
    collector.thread.start();
    Log.setRelay(LogRelay.placeOf(collector.records));
    Finalizers.Finalizer _ = Finalizers.add(Finalizers.LAST + 1, collector::end);
    return collector;
  }

  @Override
  public void run() {
    while (true) {
      try {
        byte[] record = records.take(Bytes.INSTANCE, Long.MAX_VALUE);
        if (record != null) {
          publish(LogRelay.read(record));
        }
      } catch (ShutdownException e) {
        return;
      } catch (InterruptedException | RuntimeException e) {
        Log.warning("a record of a child's log was lost: " + e);
      }
    }
  }

  private void publish(LogRelay.Said said) {
    target.log(new ChildRecord(Logging.levelOf(said.level()), said));
  }

  /** Publishes what is in the queue, and ends. */
  void end() {
    Log.setRelay("");
    records.shutdown(false);
    try {
      thread.join(PATIENCE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private enum Bytes implements RecordQueue.Decoder<byte[]> {
    INSTANCE;

    @Override
    public byte[] decode(byte[] record) {
      return record;
    }

    @Override
    public byte[] decode(MemorySegment memory, long offset, long length) {
      return memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
    }
  }
}
