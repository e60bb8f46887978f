package multiprocessing.manager;

import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import multiprocessing.error.StartException;
import multiprocessing.pool.ProcessPool;
import multiprocessing.process.SerializableFunction;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.process.SerializableSupplier;
import org.jspecify.annotations.Nullable;

/** The part of a manager that makes objects in its server. */
abstract sealed class ManagedObjects permits Manager {
  private final Link link;

  ManagedObjects(Link link) {
    this.link = link;
  }

  Link link() {
    return link;
  }

  // Containers

  /**
   * Makes an empty list.
   *
   * @param <E> what it holds
   * @return the list
   */
  public <E> ManagedList<E> list() {
    return list(List.of());
  }

  /**
   * Makes a list.
   *
   * @param <E> what it holds
   * @param elements what is in it at first
   * @return the list
   */
  @SuppressWarnings("unchecked")
  public <E> ManagedList<E> list(Collection<? extends E> elements) {
    return (ManagedList<E>) link.create(Kinds.LIST, Contents.flat(elements));
  }

  /**
   * Makes a list whose length stays. The counterpart of {@code SyncManager.Array()}.
   *
   * @param <E> what it holds
   * @param elements what is in it at first
   * @return the list; it can be set, but neither grow nor shrink
   */
  @SuppressWarnings("unchecked")
  public <E> ManagedList<E> array(Collection<? extends E> elements) {
    return (ManagedList<E>) link.create(Kinds.ARRAY, Contents.flat(elements));
  }

  /**
   * Makes an empty map.
   *
   * @param <K> the keys
   * @param <V> the values
   * @return the map
   */
  public <K, V> ManagedMap<K, V> map() {
    return map(Map.of());
  }

  /**
   * Makes a map.
   *
   * @param <K> the keys
   * @param <V> the values
   * @param entries what is in it at first
   * @return the map
   */
  @SuppressWarnings("unchecked")
  public <K, V> ManagedMap<K, V> map(Map<? extends K, ? extends V> entries) {
    return (ManagedMap<K, V>) link.create(Kinds.MAP, Contents.flat(entries));
  }

  /**
   * Makes an empty set.
   *
   * @param <E> what it holds
   * @return the set
   */
  public <E> ManagedSet<E> set() {
    return set(List.of());
  }

  /**
   * Makes a set.
   *
   * @param <E> what it holds
   * @param elements what is in it at first
   * @return the set
   */
  @SuppressWarnings("unchecked")
  public <E> ManagedSet<E> set(Collection<? extends E> elements) {
    return (ManagedSet<E>) link.create(Kinds.SET, Contents.flat(elements));
  }

  /** Makes a namespace without values. */
  public Namespace namespace() {
    return (Namespace) link.create(Kinds.NAMESPACE);
  }

  /**
   * Makes a value.
   *
   * @param <T> its type
   * @param value what it is at first
   * @return the value
   */
  @SuppressWarnings("unchecked")
  public <T extends @Nullable Object> ManagedValue<T> value(T value) {
    return (ManagedValue<T>) link.create(Kinds.VALUE, value);
  }

  /**
   * Makes an iterator in the server, which each element leaves once, whoever takes it.
   *
   * @param <T> what it gives
   * @param source makes the iterator, in the server
   * @return the iterator
   */
  @SuppressWarnings("unchecked")
  public <T> Iterator<T> iterator(SerializableSupplier<? extends Iterator<T>> source) {
    return (Iterator<T>) link.create(Kinds.ITERATOR, source);
  }

  // Queues

  /**
   * Makes a queue without bound.
   *
   * @param <E> what it holds
   * @return the queue
   */
  public <E> ManagedQueue<E> queue() {
    return queue(Integer.MAX_VALUE);
  }

  /**
   * Makes a queue.
   *
   * @param <E> what it holds
   * @param capacity the most elements it holds
   * @return the queue
   * @throws IllegalArgumentException if that is less than 1
   */
  @SuppressWarnings("unchecked")
  public <E> ManagedQueue<E> queue(int capacity) {
    return (ManagedQueue<E>) link.create(Kinds.QUEUE, capacity);
  }

  /**
   * Makes a queue that can be joined, as each can here.
   *
   * @param <E> what it holds
   * @return the queue
   */
  public <E> ManagedQueue<E> joinableQueue() {
    return queue();
  }

  // Synchronization

  /** Makes a lock that anybody may unlock. */
  public ManagedLock lock() {
    return (ManagedLock) link.create(Kinds.LOCK, false);
  }

  /** Makes a lock that its owner may lock again. */
  public ManagedLock reentrantLock() {
    return (ManagedLock) link.create(Kinds.LOCK, true);
  }

  /** Makes a condition with a reentrant lock of its own. */
  public ManagedCondition condition() {
    return condition(reentrantLock());
  }

  /**
   * Makes a condition.
   *
   * @param lock its lock, of this manager
   * @return the condition
   */
  public ManagedCondition condition(ManagedLock lock) {
    return (ManagedCondition) link.create(Kinds.CONDITION, lock);
  }

  /**
   * Makes a semaphore.
   *
   * @param permits how many permits it has at first
   * @return the semaphore
   * @throws IllegalArgumentException if that is negative
   */
  public ManagedSemaphore semaphore(int permits) {
    return (ManagedSemaphore) link.create(Kinds.SEMAPHORE, permits, false);
  }

  /**
   * Makes a semaphore that never has more permits than at first.
   *
   * @param permits how many permits it has at first
   * @return the semaphore
   * @throws IllegalArgumentException if that is negative
   */
  public ManagedSemaphore boundedSemaphore(int permits) {
    return (ManagedSemaphore) link.create(Kinds.SEMAPHORE, permits, true);
  }

  /** Makes an event that is not set. */
  public ManagedEvent event() {
    return (ManagedEvent) link.create(Kinds.EVENT);
  }

  /**
   * Makes a barrier.
   *
   * @param parties how many have to come
   * @return the barrier
   * @throws IllegalArgumentException if that is less than 1
   */
  public ManagedBarrier barrier(int parties) {
    return (ManagedBarrier) link.create(Kinds.BARRIER, parties, null);
  }

  /**
   * Makes a barrier.
   *
   * @param parties how many have to come
   * @param action runs in the server each time that all have come
   * @return the barrier
   * @throws IllegalArgumentException if {@code parties} is less than 1
   */
  public ManagedBarrier barrier(int parties, SerializableRunnable action) {
    return (ManagedBarrier) link.create(Kinds.BARRIER, parties, action);
  }

  // Pools

  /**
   * Starts a pool in the server's process, with as many workers as that may use processors.
   *
   * @return the pool
   * @throws IllegalStateException if other programs can connect to this manager
   * @throws StartException if a worker cannot be started
   */
  public ManagedPool pool() {
    return pool(builder -> builder);
  }

  /**
   * Starts a pool in the server's process.
   *
   * @param processes how many workers it has
   * @return the pool
   * @throws IllegalArgumentException if that is less than 1
   * @throws IllegalStateException if other programs can connect to this manager
   * @throws StartException if a worker cannot be started
   */
  public ManagedPool pool(int processes) {
    return pool(builder -> builder.processes(processes));
  }

  /**
   * Starts a pool in the server's process.
   *
   * {@snippet :
   * manager.pool(builder -> builder.processes(4).maxTasksPerChild(100));
   * }
   *
   * @param settings says in the server how the pool is to be
   * @return the pool
   * @throws IllegalStateException if other programs can connect to this manager
   * @throws StartException if a worker cannot be started
   */
  public ManagedPool pool(SerializableFunction<ProcessPool.Builder, ProcessPool.Builder> settings) {
    return new ManagedPool((RemotePool) link.create(Kinds.POOL, settings));
  }

  /**
   * Makes an object of a type that was registered.
   *
   * @param <T> the type
   * @param type the interface
   * @return the object
   * @throws java.util.NoSuchElementException if the type is not known
   */
  public <T> T create(Class<T> type) {
    return type.cast(link.create(type.getName()));
  }
}
