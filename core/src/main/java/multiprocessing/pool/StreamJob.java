package multiprocessing.pool;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.serial.Payload;
import multiprocessing.internal.serial.RemoteFailure;
import org.jspecify.annotations.Nullable;

/** A function applied to items that come one by one, whose outcomes are taken one by one. */
final class StreamJob extends Job {
  /*
   * Between its source and its taker there are at most `window` items: waiting here, with workers,
   * or done and not taken. So memory stays flat, whatever the lengths are, and work stops by itself
   * when nobody takes. Without a fixed window it follows the chunks: some for each worker.
   *
   * Outcomes stay encoded until they are taken: decoding is the taker's work, not the pool's.
   *
   * Lock order: the dispatcher's, then this one's. The source and the taker call the dispatcher
   * without holding this one.
   */
  private static final long MOST_BYTES = 16L << 20;
  private static final int CHUNKS_EACH = 4;

  private final Dispatcher dispatcher;
  private final boolean ordered;
  private final int fixedWindow;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private final Condition news = lock.newCondition();
  private final ItemBuffer buffer = new ItemBuffer();
  private final Queue<Part> parts;
  private long read;
  private long handed;
  private long received;
  private long taken;
  private long delivered;
  private long heldBytes;
  private boolean sourceEnded;
  private @Nullable Throwable sourceFailure;
  private @Nullable Throwable failure;
  private volatile boolean over;

  private Message.@Nullable Pieces pieces; // the taker's alone

  /** Outcomes of some items in a row: a message, or an exception of one item. */
  private record Part(long first, int count, byte[] message, @Nullable Throwable thrown) {}

  /** What became of an item. */
  record Outcome(@Nullable Object value, @Nullable Throwable thrown) {}

  StreamJob(long id, JobSpec spec, Dispatcher dispatcher, boolean ordered, int window) {
    super(id, spec);
    this.dispatcher = dispatcher;
    this.ordered = ordered;
    this.fixedWindow = window;
    this.parts =
        ordered ? new PriorityQueue<>(Comparator.comparingLong(Part::first)) : new ArrayDeque<>();
  }

  /** Tells the listener, out of the dispatcher's lock. */
  StreamJob begun() {
    ProgressMeter meter = meter();
    if (meter != null) {
      meter.begin(id());
    }
    return this;
  }

  private void tellEnd() {
    ProgressMeter meter = meter();
    if (meter != null) {
      meter.end();
    }
  }

  // --- the side of the source ---

  /**
   * Hands over an item; waits while the window is full.
   *
   * @return false if nobody wants it any more
   */
  boolean put(@Nullable Object item) throws InterruptedException {
    Payload payload = Codec.shared().encode(item, "item");
    boolean offer;
    lock.lock();
    try {
      while (!over && isFull()) {
        room.await();
      }
      if (over) {
        return false;
      }
      heldBytes += buffer.add(payload);
      read++;
      offer = dispatcher.wants(buffer.count() >= chunks().last()) || isFull();
    } finally {
      lock.unlock();
    }
    if (offer) {
      dispatcher.offer();
    }
    return true;
  }

  /** There are no more items, because of {@code thrown} if that is not null. */
  void end(@Nullable Throwable thrown) {
    lock.lock();
    try {
      sourceEnded = true;
      sourceFailure = thrown;
      news.signalAll();
    } finally {
      lock.unlock();
    }
    dispatcher.offer();
  }

  /** Whether {@link #put} would wait. */
  boolean wouldWait() {
    lock.lock();
    try {
      return !over && isFull();
    } finally {
      lock.unlock();
    }
  }

  private boolean isFull() {
    long inside = read - taken;
    int workers = dispatcher.size();
    if (fixedWindow > 0) {
      return read - delivered >= fixedWindow;
    }
    return inside >= (long) CHUNKS_EACH * workers * chunks().last()
        || (inside >= 2L * workers && heldBytes > MOST_BYTES);
  }

  // --- the side of the taker: one thread at a time ---

  /**
   * Waits for the next outcome; null if there are no more.
   *
   * @throws InterruptedException if the thread is interrupted
   */
  @Nullable Outcome take() throws InterruptedException {
    Message.Pieces open = pieces;
    if (open == null || !open.next()) {
      Part part = nextPart();
      if (part == null) {
        pieces = null;
        return end();
      }
      if (part.thrown != null) {
        pieces = null;
        countDelivered();
        return new Outcome(null, part.thrown);
      }
      open = new Message.Pieces(part.message);
      pieces = open;
      boolean _ = open.next();
    }
    countDelivered();
    try {
      Object value = open.decode(Codec.shared());
      return value instanceof RemoteFailure remote && open.mark() == WorkerLoop.ITEM_FAILURE
          ? new Outcome(null, remote.toThrowable())
          : new Outcome(value, null);
    } catch (Throwable undecodable) {
      return new Outcome(null, undecodable);
    }
  }

  private void countDelivered() {
    if (fixedWindow > 0) {
      lock.lock();
      try {
        delivered++;
        room.signal();
      } finally {
        lock.unlock();
      }
    }
  }

  private @Nullable Outcome end() {
    lock.lock();
    try {
      Throwable thrown = failure == null ? sourceFailure : failure;
      failure = null;
      sourceFailure = null;
      over = true;
      tellEnd();
      return thrown == null ? null : new Outcome(null, thrown);
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Part nextPart() throws InterruptedException {
    lock.lock();
    try {
      while (true) {
        if (failure != null || over) {
          return null;
        }
        Part part = parts.peek();
        if (part != null && (!ordered || part.first == taken)) {
          parts.remove();
          taken += part.count;
          heldBytes -= part.message.length;
          room.signal();
          return part;
        }
        if (sourceEnded && taken == read) {
          return null;
        }
        news.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether {@link #take} would give something at once. */
  boolean hasReady() {
    lock.lock();
    try {
      Part part = parts.peek();
      return (pieces != null && pieces.hasMore())
          || (part != null && (!ordered || part.first == taken));
    } finally {
      lock.unlock();
    }
  }

  /** Nobody wants the rest. Any thread; may be called again. */
  void cancel() {
    if (stop(null)) {
      dispatcher.forget(this);
    }
  }

  // --- the side of the pool: under the dispatcher's lock ---

  @Override
  @Nullable ItemsTask nextTask(Dispatcher dispatcher, boolean hurry) {
    lock.lock();
    try {
      int most = fixedWindow > 0 ? Math.max(1, fixedWindow / (2 * dispatcher.size())) : 1 << 14;
      int buffered = buffer.count();
      if (over || buffered == 0) {
        return null;
      }
      int wanted = chunks().next(most);
      if (buffered < wanted && !hurry && !sourceEnded) {
        return null;
      }
      if (buffered < wanted && chunks().isFixed() && !sourceEnded && !isFull()) {
        return null;
      }
      int count = Math.min(wanted, buffered);
      Batch batch = new Batch(buffer.take(count));
      ItemsTask task = new ItemsTask(dispatcher.nextId(), this, handed, count, batch, 0);
      handed += count;
      return task;
    } finally {
      lock.unlock();
    }
  }

  @Override
  boolean isExhausted() {
    lock.lock();
    try {
      return over || failure != null || (sourceEnded && buffer.count() == 0);
    } finally {
      lock.unlock();
    }
  }

  @Override
  boolean isEnded() {
    if (over) {
      return true;
    }
    lock.lock();
    try {
      return failure != null || (sourceEnded && received == read);
    } finally {
      lock.unlock();
    }
  }

  @Override
  boolean isFor(Object key) {
    return false;
  }

  @Override
  void encode(Message.Builder message, ItemsTask task) {
    Batch batch = task.batch();
    if (batch != null) {
      batch.copyTo(message, task.skip(), task.count());
    }
  }

  @Override
  int receive(ItemsTask task, byte[] message) {
    int count = Message.count(message);
    lock.lock();
    try {
      Batch batch = task.batch();
      if (batch != null && task.received() + count == task.count()) {
        heldBytes -= batch.bytes() - Message.HEAD;
      }
      heldBytes += message.length;
      received += count;
      add(new Part(task.from() + task.received(), count, message, null));
    } finally {
      lock.unlock();
    }
    return count;
  }

  @Override
  void itemFailed(ItemsTask task, int index, Throwable thrown) {
    lock.lock();
    try {
      received++;
      add(new Part(task.from() + index, 1, new byte[0], thrown));
    } finally {
      lock.unlock();
    }
  }

  private void add(Part part) {
    if (!over) {
      boolean _ = parts.add(part);
      if (!ordered || part.first == taken) {
        news.signal();
      }
    }
  }

  @Override
  public void fail(Throwable reason) {
    boolean _ = stop(reason);
  }

  private boolean stop(@Nullable Throwable reason) {
    lock.lock();
    try {
      if (over) {
        return false;
      }
      if (reason == null) {
        over = true;
      } else if (!(sourceEnded && taken == read) && failure == null) {
        failure = reason;
        over = true;
      }
      buffer.clear();
      parts.clear();
      news.signalAll();
      room.signalAll();
      tellEnd();
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  String describe(ItemsTask task, int index) {
    Batch batch = task.batch();
    return describe(task.from() + index, batch == null ? null : batch.item(task.skip() + index));
  }
}
