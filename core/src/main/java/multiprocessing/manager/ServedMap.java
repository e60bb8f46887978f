package multiprocessing.manager;

import java.io.Serial;
import java.io.Serializable;
import java.util.AbstractMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A map in the server. Its views are copies. */
final class ServedMap<K, V> extends AbstractMap<K, V>
    implements ManagedMap<K, V>, Served, Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private final transient Map<K, V> entries = new LinkedHashMap<>();

  ServedMap(Map<? extends K, ? extends V> content) {
    putEach(content);
  }

  @Override
  public Class<?> face() {
    return ManagedMap.class;
  }

  @Serial
  private Object writeReplace() {
    return Reference.of(this);
  }

  private static <T> T present(@Nullable T object) {
    return Objects.requireNonNull(object, "a map of a manager holds no null");
  }

  @Override
  public synchronized int size() {
    return entries.size();
  }

  @Override
  public synchronized boolean isEmpty() {
    return entries.isEmpty();
  }

  @Override
  public synchronized @Nullable V get(Object key) {
    return entries.get(present(key));
  }

  @Override
  public synchronized V getOrDefault(Object key, V fallback) {
    return entries.getOrDefault(present(key), fallback);
  }

  @Override
  public synchronized boolean containsKey(Object key) {
    return entries.containsKey(present(key));
  }

  @Override
  public synchronized boolean containsValue(Object value) {
    return entries.containsValue(present(value));
  }

  @Override
  public synchronized @Nullable V put(K key, V value) {
    return entries.put(present(key), present(value));
  }

  @Override
  public void putAll(Map<? extends K, ? extends V> content) {
    putEach(content);
  }

  private synchronized void putEach(Map<? extends K, ? extends V> content) {
    content.forEach(
        (key, value) -> {
          present(key);
          present(value);
        });
    content.forEach(
        (key, value) -> {
          V _ = entries.put(key, value);
        });
  }

  @Override
  public synchronized @Nullable V putIfAbsent(K key, V value) {
    return entries.putIfAbsent(present(key), present(value));
  }

  @Override
  public synchronized @Nullable V remove(Object key) {
    return entries.remove(present(key));
  }

  @Override
  public synchronized boolean remove(Object key, Object value) {
    return entries.remove(present(key), value);
  }

  @Override
  public synchronized boolean replace(K key, V before, V after) {
    return entries.replace(present(key), present(before), present(after));
  }

  @Override
  public synchronized @Nullable V replace(K key, V value) {
    return entries.replace(present(key), present(value));
  }

  @Override
  public synchronized void clear() {
    entries.clear();
  }

  @Override
  public synchronized @Nullable V compute(
      K key, BiFunction<? super K, ? super @Nullable V, ? extends @Nullable V> function) {
    return entries.compute(present(key), function);
  }

  @Override
  public synchronized @Nullable V computeIfAbsent(
      K key, Function<? super K, ? extends @Nullable V> function) {
    return entries.computeIfAbsent(present(key), function);
  }

  @Override
  public synchronized @Nullable V computeIfPresent(
      K key, BiFunction<? super K, ? super V, ? extends @Nullable V> function) {
    return entries.computeIfPresent(present(key), function);
  }

  @Override
  public synchronized @Nullable V merge(
      K key, V value, BiFunction<? super V, ? super V, ? extends @Nullable V> function) {
    return entries.merge(present(key), present(value), function);
  }

  @Override
  public synchronized void replaceAll(BiFunction<? super K, ? super V, ? extends V> function) {
    entries.replaceAll((key, value) -> present(function.apply(key, value)));
  }

  @Override
  public void forEach(BiConsumer<? super K, ? super V> action) {
    copy().forEach(action);
  }

  @Override
  public synchronized Object[] toArray() {
    Object[] all = new Object[2 * entries.size()];
    int next = 0;
    for (Map.Entry<K, V> entry : entries.entrySet()) {
      all[next++] = entry.getKey();
      all[next++] = entry.getValue();
    }
    return all;
  }

  private synchronized Map<K, V> copy() {
    return new LinkedHashMap<>(entries);
  }

  @Override
  public Set<Map.Entry<K, V>> entrySet() {
    return copy().entrySet();
  }

  @Override
  public String toString() {
    return Cycles.text(this, () -> copy().toString());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other || copy().equals(other);
  }

  @Override
  public int hashCode() {
    return copy().hashCode();
  }
}
