package multiprocessing.manager;

import java.io.Serializable;
import java.util.function.Predicate;

/**
 * A {@link Predicate} that can be sent to another process.
 *
 * @param <T> what it is asked about
 */
@FunctionalInterface
public interface SerializablePredicate<T> extends Predicate<T>, Serializable {}
