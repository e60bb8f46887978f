package multiprocessing.manager;

import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A set in the server of a {@link Manager}, in the order in which elements were added. The
 * counterpart of what {@code SyncManager.set()} returns.
 *
 * <p>Each call is one round trip, and is done in the server as a whole. Iterators and streams read
 * the whole set in one round trip, and show what was in it then.
 *
 * @param <E> what it holds; not null
 */
public interface ManagedSet<E> extends Set<E> {
  /**
   * Removes the elements that a condition holds of, in the server.
   *
   * @param condition the condition
   * @return whether there were any
   */
  default boolean removeIf(SerializablePredicate<? super E> condition) {
    return removeIf((Predicate<? super E>) condition);
  }

  /**
   * Runs an action for each element, in the server.
   *
   * @param action the action
   */
  default void forEach(SerializableConsumer<? super E> action) {
    forEach((Consumer<? super E>) action);
  }
}
