package multiprocessing.queue;

import java.io.InvalidObjectException;
import java.io.Serial;
import java.io.Serializable;
import java.lang.foreign.MemorySegment;
import java.util.AbstractQueue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import multiprocessing.error.SerializationException;
import multiprocessing.error.ShutdownException;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.serial.Payload;
import multiprocessing.internal.shm.RecordQueue;
import multiprocessing.internal.shm.SentBlock;
import multiprocessing.internal.shm.SharedBlock;
import org.jspecify.annotations.Nullable;

/**
 * A first-in first-out queue between processes. The counterpart of {@code multiprocessing.Queue}.
 *
 * <p>Any number of processes may put and take. The elements of one producer are taken in the order
 * in which it put them. Without a capacity {@code put} never waits. Elements are copied: an element
 * is encoded in {@code put}, in the caller, and what arrives is another object with the same
 * content.
 *
 * <p>There is no thread behind the queue that feeds it: when {@code put} returns, the element is in
 * shared memory, and the producer may end at once. So {@link #closeAndFlush()} has nothing to wait
 * for and a producer never hangs at its end because nobody takes.
 *
 * <h2>Sharing</h2>
 *
 * Travels to any process of the tree, at its start or later, in tasks, fields, and through queues;
 * every copy is the same queue.
 *
 * <h2>Memory effects</h2>
 *
 * What a process did to shared memory before it put an element is visible to whoever has taken it.
 *
 * <h2>If a process dies</h2>
 *
 * Whoever dies, at whatever moment, the others go on: an element is in the queue whole or not at
 * all, and no lock stays taken. What a dead producer has put is there. An element that a process
 * took is gone with it, even if it had no time to look at it.
 *
 * <h2>Cost</h2>
 *
 * Small elements take some hundred nanoseconds on each side, with no system call while nobody
 * waits. Elements of 4 KiB and more lie in blocks of their own and are copied once on each side,
 * outside all locks. A waiter spins for 150 microseconds at most if that has paid lately, then
 * sleeps. The queue takes about 9 KiB of shared memory, and what its elements take; it grows as
 * long as there is room, see {@link multiprocessing.error.SharedMemoryExhaustedException}.
 *
 * @param <E> what it holds; anything that can be serialized
 */
public sealed class ProcessQueue<E> extends AbstractQueue<E>
    implements BlockingQueue<E>, AutoCloseable, Serializable permits JoinableQueue {
  @Serial private static final long serialVersionUID = 1L;

  private static final Codec CODEC = Codec.shared();
  private static final RecordQueue.Decoder<Object> DECODER = new CodecDecoder();

  private final transient RecordQueue records;
  private final transient Set<Integer> closedBy = ConcurrentHashMap.newKeySet(); // ids of processes

  /** Creates a queue without bound. */
  public ProcessQueue() {
    this(RecordQueue.create(0));
  }

  /**
   * Creates a queue.
   *
   * @param capacity the most elements it holds
   * @throws IllegalArgumentException if that is less than 1, or more than 134,217,727
   */
  public ProcessQueue(int capacity) {
    this(RecordQueue.create(checkCapacity(capacity)));
  }

  ProcessQueue(RecordQueue records) {
    this.records = records;
  }

  static int checkCapacity(int capacity) {
    if (capacity < 1 || capacity > RecordQueue.MOST) {
      throw new IllegalArgumentException(
          "a queue with a capacity of "
              + capacity
              + "; 1 to "
              + RecordQueue.MOST
              + ", or none for a queue without bound");
    }
    return capacity;
  }

  /**
   * Puts an element; waits for room if there is a capacity.
   *
   * @throws SerializationException if the element cannot travel; nothing is put then
   * @throws ShutdownException if the queue is shut down
   * @throws IllegalStateException if this process has closed the queue
   * @throws multiprocessing.error.SharedMemoryExhaustedException if shared memory is full
   */
  @Override
  public void put(E element) throws InterruptedException {
    put(element, Long.MAX_VALUE);
  }

  @Override
  public boolean offer(E element, long timeout, TimeUnit unit) throws InterruptedException {
    return put(element, Math.max(0, unit.toNanos(timeout)));
  }

  private boolean put(E element, long nanos) throws InterruptedException {
    Payload payload = encode(element);
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    return records.put(payload.head(), payload.headLength(), payload.body(), nanos);
  }

  @Override
  public boolean offer(E element) {
    Payload payload = encode(element);
    return records.offer(payload.head(), payload.headLength(), payload.body());
  }

  private Payload encode(E element) {
    Objects.requireNonNull(element, "a queue holds no null elements");
    checkOpen();
    return CODEC.encode(element);
  }

  /**
   * Takes the oldest element; waits for one.
   *
   * @throws SerializationException if this process cannot decode the element, which is gone then
   * @throws ShutdownException if the queue is shut down and empty
   * @throws IllegalStateException if this process has closed the queue
   */
  @Override
  public E take() throws InterruptedException {
    return Objects.requireNonNull(take(Long.MAX_VALUE));
  }

  @Override
  public @Nullable E poll(long timeout, TimeUnit unit) throws InterruptedException {
    return take(Math.max(0, unit.toNanos(timeout)));
  }

  private @Nullable E take(long nanos) throws InterruptedException {
    checkOpen();
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    try {
      return cast(records.take(DECODER, nanos));
    } catch (SerializationException e) {
      undecodable();
      throw e;
    }
  }

  @Override
  public @Nullable E poll() {
    checkOpen();
    try {
      return cast(records.poll(DECODER));
    } catch (SerializationException e) {
      undecodable();
      throw e;
    }
  }

  @Override
  public @Nullable E peek() {
    checkOpen();
    byte[] record = records.peek();
    return record == null ? null : cast(CODEC.decode(record));
  }

  @SuppressWarnings("unchecked") // what was put was an E
  private @Nullable E cast(@Nullable Object element) {
    return (E) element;
  }

  /**
   * Returns how many elements the queue holds just now; others may put and take meanwhile.
   *
   * @throws IllegalStateException if this process has closed the queue
   */
  @Override
  public int size() {
    checkOpen();
    return records.size();
  }

  /**
   * Returns how many more elements there is room for; {@link Integer#MAX_VALUE} without a bound.
   */
  @Override
  public int remainingCapacity() {
    return records.bound() == 0 ? Integer.MAX_VALUE : Math.max(0, records.bound() - records.size());
  }

  @Override
  public int drainTo(Collection<? super E> target) {
    return drainTo(target, Integer.MAX_VALUE);
  }

  @Override
  public int drainTo(Collection<? super E> target, int maxElements) {
    Objects.requireNonNull(target);
    if (target == this) {
      throw new IllegalArgumentException("a queue cannot be drained to itself");
    }
    int drained = 0;
    while (drained < maxElements) {
      E element = pollQuietly();
      if (element == null) {
        break;
      }
      target.add(element);
      drained++;
    }
    return drained;
  }

  /** As {@link #poll()}, but a queue that is shut down and empty is just empty. */
  private @Nullable E pollQuietly() {
    try {
      return poll();
    } catch (ShutdownException e) {
      return null;
    }
  }

  @Override
  public boolean remove(@Nullable Object element) {
    checkOpen();
    boolean[] removed = new boolean[1];
    records.removeIf(
        record -> {
          if (!removed[0] && Objects.equals(CODEC.decode(record), element)) {
            removed[0] = true;
            return true;
          }
          return false;
        });
    return removed[0];
  }

  @Override
  public void clear() {
    checkOpen();
    records.removeIf(record -> true);
  }

  /**
   * Goes through the elements that are in the queue at the time of this call, as copies. {@code
   * Iterator.remove} removes the first element of the queue that is equal to the last one seen.
   */
  @Override
  public Iterator<E> iterator() {
    checkOpen();
    List<byte[]> snapshot = new ArrayList<>();
    records.removeIf(
        record -> {
          snapshot.add(record);
          return false;
        });
    return new Snapshot(snapshot.iterator());
  }

  /**
   * Ends the queue for all processes: {@code put} fails from now on, waiting producers too; {@code
   * take} gives what is left, then fails.
   */
  public void shutdown() {
    shutdown(false);
  }

  /**
   * Ends the queue for all processes, as in Python's {@code queue.Queue.shutdown}.
   *
   * @param immediate whether what is left is dropped, so that {@code take} fails at once
   */
  public void shutdown(boolean immediate) {
    checkOpen();
    records.shutdown(immediate);
  }

  /** This process will not use the queue any more; others go on. May be called again. */
  @Override
  public void close() {
    closedBy.add(records.block().user());
  }

  /**
   * Closes, when all that this process put can be seen by others: which is so as soon as {@code
   * put} returns, so this is {@link #close()}. It stands for Python's {@code close()} and {@code
   * join_thread()}.
   */
  public void closeAndFlush() {
    close();
  }

  /**
   * Does nothing: there is nothing that is still to be flushed when this process ends. It stands
   * for Python's {@code cancel_join_thread()}, which lets a process end without its queue being
   * flushed, and loses elements.
   */
  public void cancelFlush() {}

  private void checkOpen() {
    if (!closedBy.isEmpty() && closedBy.contains(records.block().user())) {
      throw new IllegalStateException("this process has closed the queue " + this);
    }
  }

  /** Returns what it is and how many elements it holds; not the elements. */
  @Override
  public String toString() {
    return name() + "@" + records.block() + "[size = " + records.size() + "]";
  }

  String name() {
    return "ProcessQueue";
  }

  RecordQueue records() {
    return records;
  }

  /** The queue that came here by a handle. */
  static <E> ProcessQueue<E> at(SharedBlock block) throws InvalidObjectException {
    return new ProcessQueue<>(RecordQueue.at(block));
  }

  /** An element was taken that cannot be decoded, and is gone. */
  void undecodable() {}

  @Serial
  Object writeReplace() {
    return new Sent(records.block());
  }

  /** What travels. */
  private static final class Sent extends SentBlock {
    @Serial private static final long serialVersionUID = 1L;

    Sent(SharedBlock block) {
      super(block);
    }

    @Serial
    private Object readResolve() throws InvalidObjectException {
      return at(arrive());
    }
  }

  private final class Snapshot implements Iterator<E> {
    private final Iterator<byte[]> records;
    private @Nullable E last;

    Snapshot(Iterator<byte[]> records) {
      this.records = records;
    }

    @Override
    public boolean hasNext() {
      return records.hasNext();
    }

    @Override
    public E next() {
      if (!records.hasNext()) {
        throw new NoSuchElementException();
      }
      E next = Objects.requireNonNull(cast(CODEC.decode(records.next())));
      last = next;
      return next;
    }

    @Override
    public void remove() {
      if (last == null) {
        throw new IllegalStateException("next() comes before remove()");
      }
      ProcessQueue.this.remove(last);
      last = null;
    }
  }

  private static final class CodecDecoder implements RecordQueue.Decoder<Object> {
    @Override
    public Object decode(byte[] record) {
      return Objects.requireNonNull(CODEC.decode(record));
    }

    @Override
    public Object decode(MemorySegment memory, long offset, long length) {
      return Objects.requireNonNull(CODEC.decode(memory, offset, length));
    }
  }
}
