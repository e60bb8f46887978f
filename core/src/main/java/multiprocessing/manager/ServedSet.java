package multiprocessing.manager;

import java.io.Serial;
import java.io.Serializable;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;

/** A set in the server. */
final class ServedSet<E> extends AbstractSet<E> implements ManagedSet<E>, Served, Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private final transient Set<E> elements = new LinkedHashSet<>();

  ServedSet(Collection<? extends E> content) {
    addEach(content);
  }

  @Override
  public Class<?> face() {
    return ManagedSet.class;
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
  public synchronized boolean add(E element) {
    return elements.add(Objects.requireNonNull(element));
  }

  @Override
  public boolean addAll(Collection<? extends E> added) {
    return addEach(added);
  }

  private synchronized boolean addEach(Collection<? extends E> added) {
    added.forEach(Objects::requireNonNull);
    return elements.addAll(added);
  }

  @Override
  public synchronized boolean remove(Object element) {
    return elements.remove(element);
  }

  @Override
  public synchronized boolean removeAll(Collection<?> removed) {
    boolean changed = false;
    for (Object each : removed) {
      changed |= elements.remove(each);
    }
    return changed;
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
  public synchronized boolean contains(Object element) {
    return elements.contains(element);
  }

  @Override
  public synchronized boolean containsAll(Collection<?> all) {
    return elements.containsAll(all);
  }

  @Override
  public synchronized void clear() {
    elements.clear();
  }

  @Override
  public synchronized Object[] toArray() {
    return elements.toArray();
  }

  @Override
  public Iterator<E> iterator() {
    return copy().iterator();
  }

  private synchronized Collection<E> copy() {
    return new ArrayList<>(elements);
  }

  @Override
  public String toString() {
    return Cycles.text(this, () -> copy().toString());
  }
}
