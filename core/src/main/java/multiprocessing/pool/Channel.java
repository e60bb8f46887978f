package multiprocessing.pool;

import java.io.InvalidObjectException;
import java.io.Serial;
import java.io.Serializable;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import multiprocessing.internal.shm.RecordQueue;
import multiprocessing.internal.shm.SharedBlock;
import multiprocessing.internal.sync.Signal;
import multiprocessing.internal.sync.Words;
import org.jspecify.annotations.Nullable;

/**
 * What a pool and one of its workers share: a queue each way, the words that say how far the worker
 * is, what the pool wants of its watch, the last it wrote to stderr, and the pool's bell, which the
 * worker rings when it has put a result.
 *
 * <p>No worker shares a lock with another, so that one which is stopped or killed holds up none.
 */
final class Channel {
  /*
   *   +0    position  task (31 bits) | item of it (32): what the worker began last
   *   +8    since     when, by System.nanoTime, which all processes of a machine share
   *   +64   order     what the watch is to do about which position, see order()
   *   +72   bell of the watch
   *   +128  written   bytes written to stderr so far
   *   +136  tail      the last TAIL of them, as a ring
   *   +...  stage     outcomes that the worker has not put yet, see stage()
   *
   * Each word has one writer: the worker's first two and the tail, the pool's the order. A reader
   * of the position reads it again after the time, so that the two belong together.
   */
  private static final long TASK_MASK = 0x7FFF_FFFFL; // so that no position is negative

  private static final long POSITION = 0;
  private static final long SINCE = 8;
  private static final long ORDER = 64;
  private static final long WATCH_BELL = 72;
  private static final long WRITTEN = 128;
  private static final long TAIL_AT = 136;
  private static final int TAIL = 4096;
  private static final long STAGE_TASK = TAIL_AT + TAIL;
  private static final long STAGE_STATE = STAGE_TASK + 8;
  private static final long STAGE_AT = STAGE_STATE + 8;

  /** The most bytes of outcomes that can be staged. */
  static final int STAGE = 16 * 1024;

  private static final long BYTES = STAGE_AT + STAGE;

  private final RecordQueue tasks;
  private final RecordQueue results;
  private final SharedBlock words;
  private final SharedBlock bell;
  private final Signal signal;
  private final Signal watchSignal;
  private boolean hasWoken; // the worker's: its last report woke the pool

  /** What the worker is at, and since when. */
  record Position(long word, long since) {
    boolean isOf(long task) {
      return word >>> 32 == (task & TASK_MASK);
    }

    int item() {
      return (int) word;
    }
  }

  private Channel(RecordQueue tasks, RecordQueue results, SharedBlock words, SharedBlock bell) {
    this.tasks = tasks;
    this.results = results;
    this.words = words;
    this.bell = bell;
    this.signal = new Signal(bell.segment(), bell.offset());
    this.watchSignal = new Signal(words.segment(), words.offset() + WATCH_BELL);
  }

  /** A new channel of the pool that owns {@code bell}. */
  static Channel create(SharedBlock bell) {
    return new Channel(
        RecordQueue.create(0), RecordQueue.create(0), SharedBlock.create(BYTES), bell);
  }

  RecordQueue tasks() {
    return tasks;
  }

  /** The worker waits for its next message. */
  byte[] take() throws InterruptedException {
    byte[] message =
        hasWoken ? tasks.takeAfterWake(Raw.INSTANCE) : tasks.take(Raw.INSTANCE, Long.MAX_VALUE);
    hasWoken = false;
    return Objects.requireNonNull(message);
  }

  RecordQueue results() {
    return results;
  }

  /** Puts a result, and rings. */
  void report(byte[] head, int length, @Nullable MemorySegment body) {
    boolean _ = results.offer(head, length, body);
    hasWoken = signal.wakeIfAsleep(1);
  }

  /** The worker begins the item {@code index} of a task at {@code now}. */
  long started(long task, int index, long now) {
    long position = (task & TASK_MASK) << 32 | index;
    Words.LONG.setRelease(words.segment(), words.offset() + SINCE, now);
    Words.LONG.setRelease(words.segment(), words.offset() + POSITION, position);
    return position;
  }

  /** What the worker began last. */
  Position position() {
    while (true) {
      long position = get(POSITION);
      long since = get(SINCE);
      if (get(POSITION) == position && get(SINCE) == since) {
        return new Position(position, since);
      }
    }
  }

  /** Which item of the task the worker has started last; -1 if none of that task. */
  int startedItem(long task) {
    Position position = position();
    return position.isOf(task) ? position.item() : -1;
  }

  // --- the watch ---

  /** Tells the watch of the worker something; the last order counts. */
  void order(long order) {
    Words.LONG.setVolatile(words.segment(), words.offset() + ORDER, order);
    watchSignal.wake(1);
  }

  long order() {
    return get(ORDER);
  }

  /** Waits until there is an order other than {@code last}. */
  long awaitOrder(long last) {
    while (true) {
      int prepared = watchSignal.prepare();
      long order = get(ORDER);
      if (order != last) {
        return order;
      }
      watchSignal.sleep(prepared, Long.MAX_VALUE);
    }
  }

  // --- outcomes that are not put yet ---

  /** A task begins, or has put all outcomes before the item {@code next}. */
  void clearStage(long task, int next) {
    Words.LONG.setRelease(words.segment(), words.offset() + STAGE_STATE, (long) next << 32);
    Words.LONG.setRelease(words.segment(), words.offset() + STAGE_TASK, task);
  }

  /**
   * Keeps outcomes where the pool finds them, should the worker die before it puts them; putting
   * each at once would cost too much.
   *
   * @param first the item whose outcome is the first of those that are not put
   * @param bytes those outcomes: what is new in them is from {@code from} to {@code to}
   */
  void stage(int first, byte[] bytes, int from, int to) {
    long at = words.offset() + STAGE_AT + from - Message.HEAD;
    MemorySegment.copy(bytes, from, words.segment(), ValueLayout.JAVA_BYTE, at, to - from);
    long state = (long) first << 32 | (to - Message.HEAD);
    Words.LONG.setRelease(words.segment(), words.offset() + STAGE_STATE, state);
  }

  /** The outcomes that a dead worker has staged and not put, after {@code received} others. */
  byte @Nullable [] staged(long task, int received) {
    long state = get(STAGE_STATE);
    int length = (int) state;
    if (get(STAGE_TASK) != task || length == 0) {
      return null;
    }
    byte[] all = new byte[Message.HEAD + length];
    long at = words.offset() + STAGE_AT;
    MemorySegment.copy(words.segment(), ValueLayout.JAVA_BYTE, at, all, Message.HEAD, length);
    // It may have been killed when it had put them, but not noted that yet.
    Message.Builder rest = new Message.Builder().begin(Message.OUTCOMES, task, 0);
    Message.Pieces pieces = new Message.Pieces(all);
    for (int index = (int) (state >>> 32); pieces.next(); index++) {
      if (index >= received) {
        rest.addWhole(all, pieces.start(), pieces.size());
      }
    }
    return rest.pieces() == 0 ? null : Arrays.copyOf(rest.bytes(), rest.length());
  }

  // --- stderr ---

  /** The worker has written this to its stderr. One thread at a time. */
  void wrote(byte[] bytes, int offset, int length) {
    int from = Math.max(offset, offset + length - TAIL);
    long end = get(WRITTEN) + length;
    long at = end - (offset + length - from);
    for (int i = from; i < offset + length; i++, at++) {
      words.segment().set(ValueLayout.JAVA_BYTE, words.offset() + TAIL_AT + at % TAIL, bytes[i]);
    }
    Words.LONG.setRelease(words.segment(), words.offset() + WRITTEN, end);
  }

  /** The last lines that the worker wrote to its stderr. */
  String stderrTail() {
    long end = get(WRITTEN);
    int length = (int) Math.min(end, TAIL);
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      long at = (end - length + i) % TAIL;
      bytes[i] = words.segment().get(ValueLayout.JAVA_BYTE, words.offset() + TAIL_AT + at);
    }
    String text = new String(bytes, StandardCharsets.UTF_8);
    int firstLine = text.indexOf('\n') + 1;
    return end > TAIL && firstLine > 0 ? text.substring(firstLine) : text;
  }

  private long get(long field) {
    return (long) Words.LONG.getVolatile(words.segment(), words.offset() + field);
  }

  void close() {
    tasks.block().close();
    results.block().close();
    words.close();
  }

  Sent export() {
    return new Sent(
        tasks.block().export(), results.block().export(), words.export(), bell.export());
  }

  /** What travels to the worker. */
  static final class Sent implements Serializable {
    @Serial private static final long serialVersionUID = 1L;

    private final SharedBlock.Handle tasks;
    private final SharedBlock.Handle results;
    private final SharedBlock.Handle words;
    private final SharedBlock.Handle bell;

    Sent(
        SharedBlock.Handle tasks,
        SharedBlock.Handle results,
        SharedBlock.Handle words,
        SharedBlock.Handle bell) {
      this.tasks = tasks;
      this.results = results;
      this.words = words;
      this.bell = bell;
    }

    Channel attach() throws InvalidObjectException {
      return new Channel(
          RecordQueue.at(tasks.attach()),
          RecordQueue.at(results.attach()),
          words.attach(),
          bell.attach());
    }
  }
}
