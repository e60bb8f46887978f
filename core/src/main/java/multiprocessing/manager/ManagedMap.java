package multiprocessing.manager;

import java.io.Serializable;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import multiprocessing.process.SerializableBiFunction;
import multiprocessing.process.SerializableFunction;
import org.jspecify.annotations.Nullable;

/**
 * A map in the server of a {@link Manager}, in the order in which keys were put. The counterpart of
 * what {@code SyncManager.dict()} returns.
 *
 * <p>Each call is one round trip, and is done in the server as a whole, also {@code putAll}, {@code
 * compute} and {@code merge} with a function that can travel. One that cannot runs here, over
 * several round trips, and again if another process was faster. Iterators and streams of its views
 * read the whole map in one round trip, and show what was in it then. Values are copied: change one
 * in place, and the map does not know of it; put it again, or put a map or list of the manager into
 * the map.
 *
 * @param <K> the keys; not null
 * @param <V> the values; not null
 */
public interface ManagedMap<K, V> extends ConcurrentMap<K, V> {
  /** A {@link BiConsumer} that can be sent to another process. */
  @FunctionalInterface
  interface SerializableBiConsumer<T, U> extends BiConsumer<T, U>, Serializable {}

  /**
   * Computes a value of a key and its value, in the server.
   *
   * @param key the key
   * @param function gets the key and its value, null if it has none; null for no value
   * @return the new value; null if there is none
   */
  default @Nullable V compute(
      K key,
      SerializableBiFunction<? super K, ? super @Nullable V, ? extends @Nullable V> function) {
    return compute(
        key, (BiFunction<? super K, ? super @Nullable V, ? extends @Nullable V>) function);
  }

  /**
   * Computes a value for a key that has none, in the server.
   *
   * @param key the key
   * @param function gets the key
   * @return the value that it has then; null if there is none
   */
  default @Nullable V computeIfAbsent(
      K key, SerializableFunction<? super K, ? extends @Nullable V> function) {
    return computeIfAbsent(key, (Function<? super K, ? extends @Nullable V>) function);
  }

  /**
   * Computes a new value for a key that has one, in the server.
   *
   * @param key the key
   * @param function gets the key and its value; null for no value
   * @return the new value; null if there is none
   */
  default @Nullable V computeIfPresent(
      K key, SerializableBiFunction<? super K, ? super V, ? extends @Nullable V> function) {
    return computeIfPresent(
        key, (BiFunction<? super K, ? super V, ? extends @Nullable V>) function);
  }

  /**
   * Puts a value, or combines it with that which is there, in the server.
   *
   * @param key the key
   * @param value the value
   * @param function gets the value that is there and this one; null for no value
   * @return the new value; null if there is none
   */
  default @Nullable V merge(
      K key,
      V value,
      SerializableBiFunction<? super V, ? super V, ? extends @Nullable V> function) {
    return merge(key, value, (BiFunction<? super V, ? super V, ? extends @Nullable V>) function);
  }

  /**
   * Replaces each value, in the server.
   *
   * @param function gets a key and its value
   */
  default void replaceAll(SerializableBiFunction<? super K, ? super V, ? extends V> function) {
    replaceAll((BiFunction<? super K, ? super V, ? extends V>) function);
  }

  /**
   * Runs an action for each entry, in the server.
   *
   * @param action the action
   */
  default void forEach(SerializableBiConsumer<? super K, ? super V> action) {
    forEach((BiConsumer<? super K, ? super V>) action);
  }

  /** Returns all keys and values, each key before its value: a copy, in one round trip. */
  Object[] toArray();
}
