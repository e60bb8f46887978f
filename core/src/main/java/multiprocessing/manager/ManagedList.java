package multiprocessing.manager;

import java.io.Serializable;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * A list in the server of a {@link Manager}. The counterpart of what {@code SyncManager.list()}
 * returns.
 *
 * <p>Each call is one round trip, and is done in the server as a whole, also {@code addAll}, {@code
 * removeIf}, {@code replaceAll} and {@code sort} with a function that can travel. One that cannot
 * runs here, over several round trips. An iterator, a stream and {@code toArray} read the whole
 * list in one round trip, and show what was in it then; {@code subList} and {@code listIterator}
 * make a round trip for each element. Elements are copied: change one in place, and the list does
 * not know of it; set it again, or put a list of the manager into the list.
 *
 * @param <E> what it holds; not null
 */
public interface ManagedList<E> extends List<E> {
  /** A {@link UnaryOperator} that can be sent to another process. */
  @FunctionalInterface
  interface SerializableUnaryOperator<T> extends UnaryOperator<T>, Serializable {}

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
   * Replaces each element, in the server.
   *
   * @param function makes the new element of the old one
   */
  default void replaceAll(SerializableUnaryOperator<E> function) {
    replaceAll((UnaryOperator<E>) function);
  }

  /**
   * Runs an action for each element, in the server.
   *
   * @param action the action
   */
  default void forEach(SerializableConsumer<? super E> action) {
    forEach((Consumer<? super E>) action);
  }

  /**
   * Sorts the list, in the server.
   *
   * @param order compares two elements
   */
  default void sort(SerializableComparator<? super E> order) {
    sort((Comparator<? super E>) order);
  }

  /**
   * Replaces the whole content, in one step.
   *
   * @param elements the new content
   */
  void setAll(Collection<? extends E> elements);

  /**
   * Removes an element that an iterator has shown.
   *
   * @param index where it was then
   * @param element the element
   * @return whether it was there still, or elsewhere
   */
  boolean removeNear(int index, Object element);
}
