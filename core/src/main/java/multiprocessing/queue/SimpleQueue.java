package multiprocessing.queue;

import java.io.InvalidObjectException;
import java.io.Serial;
import java.io.Serializable;
import multiprocessing.error.SerializationException;
import multiprocessing.internal.shm.SentBlock;
import multiprocessing.internal.shm.SharedBlock;

/**
 * A first-in first-out queue between processes that can do four things. The counterpart of {@code
 * multiprocessing.SimpleQueue}.
 *
 * <p>It is a {@link ProcessQueue} without bound and without the rest of its methods. Unlike
 * Python's its {@code put} never waits for a consumer.
 *
 * <h2>Sharing</h2>
 *
 * As with {@link ProcessQueue}.
 *
 * <h2>Memory effects</h2>
 *
 * As with {@link ProcessQueue}.
 *
 * <h2>If a process dies</h2>
 *
 * As with {@link ProcessQueue}.
 *
 * <h2>Cost</h2>
 *
 * As with {@link ProcessQueue}.
 *
 * @param <E> what it holds; anything that can be serialized
 */
public final class SimpleQueue<E> implements AutoCloseable, Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private final transient ProcessQueue<E> queue;

  /** Creates a queue. */
  public SimpleQueue() {
    this(new ProcessQueue<>());
  }

  private SimpleQueue(ProcessQueue<E> queue) {
    this.queue = queue;
  }

  /**
   * Puts an element; never waits.
   *
   * @param element what to put; not null
   * @throws SerializationException if the element cannot travel; nothing is put then
   * @throws IllegalStateException if this process has closed the queue
   * @throws multiprocessing.error.SharedMemoryExhaustedException if shared memory is full
   */
  public void put(E element) {
    boolean _ = queue.offer(element); // there is room: it has no bound
  }

  /**
   * Takes the oldest element; waits for one.
   *
   * @return the element
   * @throws InterruptedException if the thread is interrupted, which a waiter notices within 50 ms
   * @throws SerializationException if this process cannot decode the element, which is gone then
   * @throws IllegalStateException if this process has closed the queue
   */
  public E get() throws InterruptedException {
    return queue.take();
  }

  /**
   * Returns whether the queue is empty just now.
   *
   * @throws IllegalStateException if this process has closed the queue
   */
  public boolean isEmpty() {
    return queue.isEmpty();
  }

  /** This process will not use the queue any more; others go on. May be called again. */
  @Override
  public void close() {
    queue.close();
  }

  /** Returns what it is and how many elements it holds. */
  @Override
  public String toString() {
    return "Simple" + queue.toString().substring("Process".length());
  }

  @Serial
  private Object writeReplace() {
    return new Sent(queue.records().block());
  }

  /** What travels. */
  private static final class Sent extends SentBlock {
    @Serial private static final long serialVersionUID = 1L;

    Sent(SharedBlock block) {
      super(block);
    }

    @Serial
    private Object readResolve() throws InvalidObjectException {
      return new SimpleQueue<>(ProcessQueue.at(arrive()));
    }
  }
}
