package multiprocessing.manager;

import java.io.Serial;
import java.io.Serializable;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** A list in the server, and an array, which is a list whose length stays. */
final class ServedList<E> extends AbstractList<E> implements ManagedList<E>, Served, Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private final transient List<E> elements;

  ServedList(Collection<? extends E> elements, boolean fixed) {
    List<E> copy = new ArrayList<>(elements);
    copy.forEach(Objects::requireNonNull);
    this.elements = fixed ? asFixed(copy) : copy;
  }

  @SuppressWarnings("unchecked") // nothing is put into the array that the list does not take
  private static <E> List<E> asFixed(List<E> elements) {
    return (List<E>) Arrays.asList(elements.toArray());
  }

  @Override
  public Class<?> face() {
    return ManagedList.class;
  }

  @Serial
  private Object writeReplace() {
    return Reference.of(this);
  }

  @Override
  public synchronized int size() {
    return elements.size();
  }

  @Override
  public synchronized E get(int index) {
    return elements.get(index);
  }

  @Override
  public synchronized E set(int index, E element) {
    return elements.set(index, Objects.requireNonNull(element));
  }

  @Override
  public synchronized void add(int index, E element) {
    elements.add(index, Objects.requireNonNull(element));
  }

  @Override
  public synchronized boolean add(E element) {
    return elements.add(Objects.requireNonNull(element));
  }

  @Override
  public synchronized boolean addAll(Collection<? extends E> added) {
    added.forEach(Objects::requireNonNull);
    return elements.addAll(added);
  }

  @Override
  public synchronized boolean addAll(int index, Collection<? extends E> added) {
    added.forEach(Objects::requireNonNull);
    return elements.addAll(index, added);
  }

  @Override
  public synchronized void setAll(Collection<? extends E> content) {
    content.forEach(Objects::requireNonNull);
    elements.clear();
    elements.addAll(content);
  }

  @Override
  public synchronized E remove(int index) {
    return elements.remove(index);
  }

  @Override
  public synchronized boolean remove(Object element) {
    return elements.remove(element);
  }

  @Override
  public synchronized boolean removeNear(int index, Object element) {
    if (index < elements.size() && elements.get(index).equals(element)) {
      elements.remove(index);
      return true;
    }
    return elements.remove(element);
  }

  @Override
  public synchronized boolean removeAll(Collection<?> removed) {
    return elements.removeAll(removed);
  }

  @Override
  public synchronized boolean retainAll(Collection<?> kept) {
    return elements.retainAll(kept);
  }

  @Override
  public synchronized boolean removeIf(Predicate<? super E> condition) {
    return elements.removeIf(condition);
  }

  @Override
  public synchronized void replaceAll(UnaryOperator<E> operator) {
    elements.replaceAll(each -> Objects.requireNonNull(operator.apply(each)));
  }

  @Override
  public synchronized void sort(Comparator<? super E> order) {
    elements.sort(order);
  }

  @Override
  public synchronized void clear() {
    elements.clear();
  }

  @Override
  public synchronized int indexOf(Object element) {
    return elements.indexOf(element);
  }

  @Override
  public synchronized int lastIndexOf(Object element) {
    return elements.lastIndexOf(element);
  }

  @Override
  public synchronized boolean contains(Object element) {
    return elements.contains(element);
  }

  @Override
  public synchronized boolean containsAll(Collection<?> all) {
    return elements.containsAll(all);
  }

  @Override
  public synchronized Object[] toArray() {
    return elements.toArray();
  }

  @Override
  public Iterator<E> iterator() {
    return copy().iterator();
  }

  private synchronized List<E> copy() {
    return new ArrayList<>(elements);
  }

  @Override
  public String toString() {
    return Cycles.text(this, () -> copy().toString());
  }

  @Override
  public boolean equals(Object other) {
    return this == other || copy().equals(other);
  }

  @Override
  public int hashCode() {
    return copy().hashCode();
  }
}
