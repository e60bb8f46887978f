package multiprocessing.manager;

import java.io.Serial;
import java.io.Serializable;
import java.util.AbstractQueue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A queue in the server. */
final class ServedQueue<E> extends AbstractQueue<E>
    implements ManagedQueue<E>, Served, Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private final transient LinkedBlockingQueue<E> elements;
  private final transient Object tasks = new Object();
  private transient long unfinished;

  ServedQueue(int capacity) {
    elements = new LinkedBlockingQueue<>(capacity);
  }

  @Override
  public Class<?> face() {
    return ManagedQueue.class;
  }

  @Serial
  private Object writeReplace() {
    return Reference.of(this);
  }

  /** Counts an element as put before it can be taken and be done with. */
  private void count(long change) {
    synchronized (tasks) {
      unfinished += change;
      if (unfinished == 0) {
        tasks.notifyAll();
      }
    }
  }

  @Override
  public boolean offer(E element) {
    count(1);
    boolean put = false;
    try {
      put = elements.offer(element);
      return put;
    } finally {
      if (!put) {
        count(-1);
      }
    }
  }

  @Override
  public boolean offer(E element, long timeout, TimeUnit unit) throws InterruptedException {
    count(1);
    boolean put = false;
    try {
      put = elements.offer(element, timeout, unit);
      return put;
    } finally {
      if (!put) {
        count(-1);
      }
    }
  }

  @Override
  public void put(E element) throws InterruptedException {
    boolean _ = offer(element, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
  }

  @Override
  public E take() throws InterruptedException {
    return elements.take();
  }

  @Override
  public @Nullable E poll() {
    return elements.poll();
  }

  @Override
  public @Nullable E poll(long timeout, TimeUnit unit) throws InterruptedException {
    return elements.poll(timeout, unit);
  }

  @Override
  public @Nullable E peek() {
    return elements.peek();
  }

  @Override
  public int size() {
    return elements.size();
  }

  @Override
  public int remainingCapacity() {
    return elements.remainingCapacity();
  }

  @Override
  public boolean remove(Object element) {
    return elements.remove(element);
  }

  @Override
  public boolean removeAll(Collection<?> removed) {
    return elements.removeAll(removed);
  }

  @Override
  public boolean retainAll(Collection<?> kept) {
    return elements.retainAll(kept);
  }

  @Override
  public boolean removeIf(Predicate<? super E> condition) {
    return elements.removeIf(condition);
  }

  @Override
  public boolean contains(Object element) {
    return elements.contains(element);
  }

  @Override
  public void clear() {
    elements.clear();
  }

  @Override
  public Object[] toArray() {
    return elements.toArray();
  }

  @Override
  public Collection<E> takeAvailable(int most) {
    List<E> taken = new ArrayList<>();
    elements.drainTo(taken, most);
    return taken;
  }

  @Override
  public int drainTo(Collection<? super E> target) {
    return elements.drainTo(target);
  }

  @Override
  public int drainTo(Collection<? super E> target, int most) {
    return elements.drainTo(target, most);
  }

  @Override
  public void taskDone() {
    synchronized (tasks) {
      if (unfinished == 0) {
        throw new IllegalStateException("taskDone() was called more often than put()");
      }
      count(-1);
    }
  }

  @Override
  public void join() throws InterruptedException {
    synchronized (tasks) {
      while (unfinished > 0) {
        tasks.wait();
      }
    }
  }

  @Override
  public Iterator<E> iterator() {
    return new ArrayList<>(elements).iterator();
  }

  @Override
  public String toString() {
    return Cycles.text(this, elements::toString);
  }
}
