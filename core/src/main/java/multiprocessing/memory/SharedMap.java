package multiprocessing.memory;

import java.io.InvalidObjectException;
import java.io.Serial;
import java.io.Serializable;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentMap;
import multiprocessing.internal.shm.RecordMap;
import multiprocessing.internal.shm.SentBlock;
import multiprocessing.internal.shm.SharedBlock;
import org.jspecify.annotations.Nullable;

/**
 * A map in memory that several processes use at once, without a server: for what is looked up all
 * the time. Python has no counterpart; it takes a manager's {@code dict} there, which holds
 * anything, and needs a round trip for each call.
 *
 * {@snippet :
 * SharedMap<String, Long> hits = Multiprocessing.sharedMap(String.class, Long.class);
 * hits.merge("/index.html", 1L, Long::sum); // in any process of the tree
 * }
 *
 * <p>Keys and values are of types that are flat: {@link String}, {@code byte[]}, {@link Boolean},
 * {@link Character}, the numbers {@link Byte} to {@link Double}, and records of primitives. Keys
 * are the same if their bytes are: those of type {@code byte[]}, too; records whose {@code equals}
 * is another one are not. Nothing is null. The order is none.
 *
 * <p>It is a {@link ConcurrentMap} with what that promises: each method for one key is atomic;
 * iterators are weakly consistent, each part of the map being shown as it was at one moment; {@code
 * compute}, {@code merge} and their like run their function outside of any lock, and once more if
 * another process was faster.
 *
 * <h2>Sharing</h2>
 *
 * Travels to any process of the tree, at its start or later, in tasks, fields, queues and pipes;
 * every copy is the same map. It lies in the tree's memory, not in {@code /dev/shm}.
 *
 * <h2>Memory effects</h2>
 *
 * What a process did before it put a value happens-before what another one does after it has found
 * that value, or has found it replaced or removed.
 *
 * <h2>If a process dies</h2>
 *
 * Wherever it was killed, its last change is whole or was not made, and the others go on. Nobody
 * needs to recover anything. The memory goes when no process refers to the map any more.
 *
 * <h2>Cost</h2>
 *
 * Some 50 to 100 ns to get or to put, five to twelve times what a {@link
 * java.util.concurrent.ConcurrentHashMap} needs. Whoever reads takes no lock, makes no system call
 * and waits for nobody. Whoever changes something waits only for another one that changes something
 * in the same 64th of the map. An entry takes 16 bytes and those of its key and its value, twice to
 * four times over; what was removed or replaced is used again. A map takes 4 KB when it is empty.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
public final class SharedMap<K, V> extends AbstractMap<K, V>
    implements ConcurrentMap<K, V>, Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private final transient RecordMap map;
  private final transient Flat<K> keys;
  private final transient Flat<V> values;

  private SharedMap(RecordMap map, Class<K> keyType, Class<V> valueType) {
    this.map = map;
    this.keys = Flat.of(keyType);
    this.values = Flat.of(valueType);
  }

  /**
   * Returns an empty map.
   *
   * @param <K> the type of keys
   * @param <V> the type of values
   * @param keyType the type of keys
   * @param valueType the type of values
   * @return the map
   * @throws IllegalArgumentException if it cannot hold one of these types
   * @throws multiprocessing.error.SharedMemoryExhaustedException if there is no room for it
   */
  public static <K, V> SharedMap<K, V> create(Class<K> keyType, Class<V> valueType) {
    Flat.of(keyType);
    Flat.of(valueType);
    return new SharedMap<>(RecordMap.create(), keyType, valueType);
  }

  /** Returns the type of its keys. */
  public Class<K> keyType() {
    return keys.type();
  }

  /** Returns the type of its values. */
  public Class<V> valueType() {
    return values.type();
  }

  private @Nullable V value(byte @Nullable [] bytes) {
    return bytes == null ? null : values.value(bytes);
  }

  private boolean isPossible(Object key) {
    return keys.takes(Objects.requireNonNull(key, "a key of a shared map is null"));
  }

  private byte[] key(K key) {
    return keys.bytesOf(Objects.requireNonNull(key, "a key of a shared map is null"));
  }

  private byte[] bytes(V value) {
    return values.bytesOf(Objects.requireNonNull(value, "a value of a shared map is null"));
  }

  @Override
  public @Nullable V get(Object key) {
    return isPossible(key) ? value(map.get(keys.bytesOf(key))) : null;
  }

  @Override
  public boolean containsKey(Object key) {
    return isPossible(key) && map.get(keys.bytesOf(key)) != null;
  }

  /**
   * {@inheritDoc}
   *
   * @throws multiprocessing.error.SharedMemoryExhaustedException if there is no room for it; the
   *     map is as it was then
   */
  @Override
  public @Nullable V put(K key, V value) {
    return value(map.put(key(key), bytes(value)));
  }

  @Override
  public @Nullable V putIfAbsent(K key, V value) {
    return value(map.putIfAbsent(key(key), bytes(value)));
  }

  @Override
  public @Nullable V replace(K key, V value) {
    return value(map.replace(key(key), bytes(value)));
  }

  @Override
  public boolean replace(K key, V expected, V value) {
    return map.replace(key(key), bytes(expected), bytes(value));
  }

  @Override
  public @Nullable V remove(Object key) {
    return isPossible(key) ? value(map.remove(keys.bytesOf(key))) : null;
  }

  @Override
  public boolean remove(Object key, @Nullable Object expected) {
    return isPossible(key)
        && expected != null
        && values.takes(expected)
        && map.remove(keys.bytesOf(key), values.bytesOf(expected));
  }

  /** Removes all that is there when this comes to it; what others put meanwhile may stay. */
  @Override
  public void clear() {
    map.clear();
  }

  /** Returns how many entries there are, at most {@link Integer#MAX_VALUE}; a moment's value. */
  @Override
  public int size() {
    return (int) Math.min(Integer.MAX_VALUE, mappingCount());
  }

  /** Returns how many entries there are; a moment's value. */
  public long mappingCount() {
    return map.size();
  }

  @Override
  public Set<K> keySet() {
    return new Keys();
  }

  @Override
  public Set<Map.Entry<K, V>> entrySet() {
    return new Entries();
  }

  @Serial
  private Object writeReplace() {
    return new Sent(map.block(), keyType(), valueType());
  }

  /** The keys, whose methods for one key look it up. */
  private final class Keys extends AbstractSet<K> {
    @Override
    public int size() {
      return SharedMap.this.size();
    }

    @Override
    public boolean contains(Object key) {
      return containsKey(key);
    }

    @Override
    public boolean remove(Object key) {
      return SharedMap.this.remove(key) != null;
    }

    @Override
    public void clear() {
      SharedMap.this.clear();
    }

    @Override
    public Iterator<K> iterator() {
      Cursor cursor = new Cursor();
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return cursor.hasNext();
        }

        @Override
        public K next() {
          return cursor.next().getKey();
        }

        @Override
        public void remove() {
          cursor.remove();
        }
      };
    }
  }

  /** The entries, whose methods for one entry look it up. */
  private final class Entries extends AbstractSet<Map.Entry<K, V>> {
    @Override
    public int size() {
      return SharedMap.this.size();
    }

    @Override
    public boolean contains(Object entry) {
      return entry instanceof Map.Entry<?, ?> wanted
          && wanted.getKey() != null
          && wanted.getValue() != null
          && Objects.deepEquals(get(wanted.getKey()), wanted.getValue());
    }

    @Override
    public boolean remove(Object entry) {
      return entry instanceof Map.Entry<?, ?> wanted
          && wanted.getKey() != null
          && SharedMap.this.remove(wanted.getKey(), wanted.getValue());
    }

    @Override
    public void clear() {
      SharedMap.this.clear();
    }

    @Override
    public Iterator<Map.Entry<K, V>> iterator() {
      return new Cursor();
    }
  }

  /** Goes from part to part. */
  private final class Cursor implements Iterator<Map.Entry<K, V>> {
    private Iterator<Map.Entry<byte[], byte[]>> part = Collections.emptyIterator();
    private int nextPart;
    private byte @Nullable [] last;

    @Override
    public boolean hasNext() {
      while (!part.hasNext() && nextPart < map.parts()) {
        part = map.part(nextPart++).iterator();
      }
      return part.hasNext();
    }

    @Override
    public Map.Entry<K, V> next() {
      if (!hasNext()) {
        throw new NoSuchElementException("the map has no more entries");
      }
      Map.Entry<byte[], byte[]> entry = part.next();
      last = entry.getKey();
      return new Mapping(keys.value(entry.getKey()), values.value(entry.getValue()));
    }

    @Override
    public void remove() {
      byte[] key = last;
      if (key == null) {
        throw new IllegalStateException("there is no entry to remove: call next() first");
      }
      map.remove(key);
      last = null;
    }
  }

  /** An entry; to set its value is to put that into the map. */
  private final class Mapping extends SimpleEntry<K, V> {
    @Serial private static final long serialVersionUID = 1L;

    Mapping(K key, V value) {
      super(key, value);
    }

    @Override
    public V setValue(V value) {
      put(getKey(), value);
      return super.setValue(value);
    }
  }

  /** What travels of a map. */
  private static final class Sent extends SentBlock {
    @Serial private static final long serialVersionUID = 1L;

    private final Class<?> keyType;
    private final Class<?> valueType;

    Sent(SharedBlock block, Class<?> keyType, Class<?> valueType) {
      super(block);
      this.keyType = keyType;
      this.valueType = valueType;
    }

    @Serial
    private Object readResolve() throws InvalidObjectException {
      return new SharedMap<>(RecordMap.at(arrive()), keyType, valueType);
    }
  }
}
