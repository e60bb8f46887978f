package multiprocessing.manager;

import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Named values in the server of a {@link Manager}. The counterpart of what {@code
 * SyncManager.Namespace()} returns.
 *
 * <p>Values are copied: one that is changed in place does not change in the server. Set it again,
 * or set a list or map of the manager.
 */
public interface Namespace {
  /**
   * Returns a value.
   *
   * @param name its name
   * @return the value
   * @throws NoSuchElementException if there is none: {@code 'Namespace' object has no attribute
   *     'x'}
   */
  @Nullable Object get(String name);

  /**
   * Sets a value.
   *
   * @param name its name; one that begins with an underscore is not shown by {@code toString}
   * @param value the value
   */
  void set(String name, @Nullable Object value);

  /**
   * Removes a value.
   *
   * @param name its name
   * @throws NoSuchElementException if there is none
   */
  void remove(String name);

  /**
   * Returns whether there is a value.
   *
   * @param name its name
   */
  boolean has(String name);
}
