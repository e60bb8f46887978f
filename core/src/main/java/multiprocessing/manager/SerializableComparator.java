package multiprocessing.manager;

import java.io.Serializable;
import java.util.Comparator;

/**
 * A {@link Comparator} that can be sent to another process.
 *
 * @param <T> what it compares
 */
@FunctionalInterface
public interface SerializableComparator<T> extends Comparator<T>, Serializable {}
