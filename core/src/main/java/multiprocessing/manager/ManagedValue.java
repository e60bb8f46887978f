package multiprocessing.manager;

import multiprocessing.process.SerializableFunction;
import org.jspecify.annotations.Nullable;

/**
 * A value in the server of a {@link Manager}. The counterpart of what {@code SyncManager.Value()}
 * returns.
 *
 * @param <T> its type
 */
public interface ManagedValue<T extends @Nullable Object> {
  /** Returns the value. */
  T get();

  /**
   * Sets the value.
   *
   * @param value the new one
   */
  void set(T value);

  /**
   * Replaces the value, in the server, in one step.
   *
   * @param function makes the new value of the old one
   * @return the new value
   */
  T update(SerializableFunction<? super T, ? extends T> function);
}
