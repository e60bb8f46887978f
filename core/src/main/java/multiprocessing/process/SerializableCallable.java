package multiprocessing.process;

import java.io.Serializable;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Callable} that can be sent to another process.
 *
 * <p>A lambda written against it travels with what it captures; all of that must be {@link
 * Serializable} too, and so must the result.
 *
 * @param <R> the type of the result
 */
@FunctionalInterface
public interface SerializableCallable<R extends @Nullable Object>
    extends Callable<R>, Serializable {}
