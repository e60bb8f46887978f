package multiprocessing.manager;

import java.lang.reflect.Method;
import java.util.AbstractCollection;
import java.util.AbstractList;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * What of a collection in a server is done here: views, which belong to a process, and what needs a
 * function that cannot travel. It is made of the calls that the server does.
 *
 * @param object a collection of the same elements, whose methods call the server
 * @param local the names of the methods that are done here always
 */
record View(Object object, Set<String> local) {
  private static final Set<String> OF_LISTS =
      Set.of(
          "iterator",
          "listIterator",
          "subList",
          "spliterator",
          "stream",
          "parallelStream",
          "reversed");
  private static final Set<String> OF_SETS =
      Set.of("iterator", "spliterator", "stream", "parallelStream");
  private static final Set<String> OF_MAPS = Set.of("entrySet", "keySet", "values");
  private static final Set<String> OF_QUEUES =
      Set.of("iterator", "spliterator", "stream", "parallelStream");

  /** The view of an object that has this face; null where there is none. */
  @SuppressWarnings("unchecked") // nothing is put in that the object did not give
  static @Nullable View of(Class<?> face, Object proxy) {
    if (face == ManagedList.class) {
      return new View(new OfList<>((ManagedList<Object>) proxy), OF_LISTS);
    }
    if (face == ManagedMap.class) {
      return new View(new OfMap<>((ManagedMap<Object, Object>) proxy), OF_MAPS);
    }
    if (face == ManagedSet.class) {
      return new View(new OfSet<>((ManagedSet<Object>) proxy), OF_SETS);
    }
    if (face == ManagedQueue.class) {
      return new View(new OfQueue<>((ManagedQueue<Object>) proxy), OF_QUEUES);
    }
    return null;
  }

  /** Whether a method is done here. */
  boolean does(Method method) {
    boolean fillsArray = method.getName().equals("toArray") && method.getParameterCount() == 1;
    return (fillsArray || local.contains(method.getName())) && isOf(method);
  }

  /** Whether a method, whose arguments cannot travel, can be done here. */
  boolean canDo(Method method, @Nullable Object[] arguments) {
    return isOf(method)
        && Arrays.stream(method.getParameterTypes())
            .anyMatch(
                type ->
                    type.isInterface()
                        && (type.getPackageName().equals("java.util.function")
                            || type == Comparator.class));
  }

  private boolean isOf(Method method) {
    return method.getDeclaringClass().isInstance(object);
  }

  boolean isEqual(Object other) {
    return !(object instanceof OfQueue<?>) && object.equals(other);
  }

  /** Shows what an array holds, and removes what it has shown. */
  private abstract static class Snapshot<T> implements Iterator<T> {
    private final Object[] elements;
    private int next;
    private boolean removable;

    Snapshot(Object[] elements) {
      this.elements = elements;
    }

    abstract void remove(int index, T element);

    @Override
    public boolean hasNext() {
      return next < elements.length;
    }

    @Override
    @SuppressWarnings("unchecked")
    public T next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      removable = true;
      return (T) elements[next++];
    }

    @Override
    @SuppressWarnings("unchecked")
    public void remove() {
      if (!removable) {
        throw new IllegalStateException("next() comes before remove()");
      }
      removable = false;
      remove(next - 1, (T) elements[next - 1]);
    }
  }

  private static final class OfList<E> extends AbstractList<E> {
    private final ManagedList<E> list;

    OfList(ManagedList<E> list) {
      this.list = list;
    }

    @Override
    public int size() {
      return list.size();
    }

    @Override
    public E get(int index) {
      return list.get(index);
    }

    @Override
    public E set(int index, E element) {
      return list.set(index, element);
    }

    @Override
    public void add(int index, E element) {
      list.add(index, element);
    }

    @Override
    public E remove(int index) {
      return list.remove(index);
    }

    @Override
    public Object[] toArray() {
      return list.toArray();
    }

    @Override
    public <T> T[] toArray(T[] target) {
      return Arrays.asList(list.toArray()).toArray(target);
    }

    @Override
    public Iterator<E> iterator() {
      return new Snapshot<>(list.toArray()) {
        private int removed;

        @Override
        void remove(int index, E element) {
          boolean _ = list.removeNear(index - removed, element);
          removed++;
        }
      };
    }

    @Override
    public Spliterator<E> spliterator() {
      return Spliterators.spliterator(list.toArray(), Spliterator.ORDERED);
    }
  }

  private static final class OfSet<E> extends AbstractSet<E> {
    private final ManagedSet<E> set;

    OfSet(ManagedSet<E> set) {
      this.set = set;
    }

    @Override
    public int size() {
      return set.size();
    }

    @Override
    public boolean contains(Object element) {
      return set.contains(element);
    }

    @Override
    public boolean remove(Object element) {
      return set.remove(element);
    }

    @Override
    public Object[] toArray() {
      return set.toArray();
    }

    @Override
    public <T> T[] toArray(T[] target) {
      return Arrays.asList(set.toArray()).toArray(target);
    }

    @Override
    public Iterator<E> iterator() {
      return new Snapshot<>(set.toArray()) {
        @Override
        void remove(int index, E element) {
          boolean _ = set.remove(element);
        }
      };
    }

    @Override
    public Spliterator<E> spliterator() {
      int kind = Spliterator.ORDERED | Spliterator.DISTINCT;
      return Spliterators.spliterator(set.toArray(), kind);
    }
  }

  private static final class OfQueue<E> extends AbstractCollection<E> {
    private final ManagedQueue<E> queue;

    OfQueue(ManagedQueue<E> queue) {
      this.queue = queue;
    }

    @Override
    public int size() {
      return queue.size();
    }

    @Override
    public Object[] toArray() {
      return queue.toArray();
    }

    @Override
    public <T> T[] toArray(T[] target) {
      return Arrays.asList(queue.toArray()).toArray(target);
    }

    @Override
    public Iterator<E> iterator() {
      return new Snapshot<>(queue.toArray()) {
        @Override
        void remove(int index, E element) {
          boolean _ = queue.remove(element);
        }
      };
    }
  }

  private static final class OfMap<K, V> extends AbstractMap<K, V> implements ConcurrentMap<K, V> {
    private final ManagedMap<K, V> map;

    OfMap(ManagedMap<K, V> map) {
      this.map = map;
    }

    @Override
    public @Nullable V get(Object key) {
      return map.get(key);
    }

    @Override
    public V getOrDefault(Object key, V fallback) {
      return map.getOrDefault(key, fallback);
    }

    @Override
    public boolean containsKey(Object key) {
      return map.containsKey(key);
    }

    @Override
    public boolean containsValue(Object value) {
      return map.containsValue(value);
    }

    @Override
    public int size() {
      return map.size();
    }

    @Override
    public void clear() {
      map.clear();
    }

    @Override
    public @Nullable V put(K key, V value) {
      return map.put(key, value);
    }

    @Override
    public @Nullable V remove(Object key) {
      return map.remove(key);
    }

    @Override
    public @Nullable V putIfAbsent(K key, V value) {
      return map.putIfAbsent(key, value);
    }

    @Override
    public boolean remove(Object key, @Nullable Object value) {
      return map.remove(key, value);
    }

    @Override
    public boolean replace(K key, V before, V after) {
      return map.replace(key, before, after);
    }

    @Override
    public @Nullable V replace(K key, V value) {
      return map.replace(key, value);
    }

    @Override
    public Set<Entry<K, V>> entrySet() {
      return new Entries();
    }

    private final class Entries extends AbstractSet<Entry<K, V>> {
      @Override
      public int size() {
        return map.size();
      }

      @Override
      public void clear() {
        map.clear();
      }

      @Override
      public boolean contains(Object object) {
        return object instanceof Entry<?, ?> entry
            && entry.getKey() != null
            && Objects.equals(map.get(entry.getKey()), entry.getValue())
            && entry.getValue() != null;
      }

      @Override
      public boolean remove(Object object) {
        return object instanceof Entry<?, ?> entry
            && entry.getKey() != null
            && entry.getValue() != null
            && map.remove(entry.getKey(), entry.getValue());
      }

      @Override
      public Iterator<Entry<K, V>> iterator() {
        Object[] all = map.toArray();
        Object[] entries = new Object[all.length / 2];
        for (int i = 0; i < entries.length; i++) {
          entries[i] = new WriteThrough<>(map, all[2 * i], all[2 * i + 1]);
        }
        return new Snapshot<>(entries) {
          @Override
          void remove(int index, Entry<K, V> entry) {
            V _ = map.remove(entry.getKey());
          }
        };
      }
    }
  }

  /** An entry that was in the map; its value can be replaced there. */
  private static final class WriteThrough<K, V> extends AbstractMap.SimpleEntry<K, V> {
    private static final long serialVersionUID = 1L;

    private final transient ManagedMap<K, V> map;

    @SuppressWarnings("unchecked")
    WriteThrough(ManagedMap<K, V> map, Object key, Object value) {
      super((K) key, (V) value);
      this.map = map;
    }

    @Override
    public V setValue(V value) {
      V _ = map.put(getKey(), value);
      return super.setValue(value);
    }
  }
}
