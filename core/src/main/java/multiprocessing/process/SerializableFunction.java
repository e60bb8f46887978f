package multiprocessing.process;

import java.io.Serializable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Function} that can be sent to another process, and whose code may throw any exception.
 *
 * <p>A lambda written against it travels with what it captures; all of that must be {@link
 * Serializable} too. As a plain {@code Function} it throws what its code throws, checked or not.
 *
 * @param <T> the type of the argument
 * @param <R> the type of the result
 */
@FunctionalInterface
public interface SerializableFunction<T extends @Nullable Object, R extends @Nullable Object>
    extends Function<T, R>, Serializable {
  /**
   * Applies the code.
   *
   * @param argument what to apply it to
   * @return the result
   * @throws Exception whatever it throws
   */
  R applyChecked(T argument) throws Exception;

  @Override
  @SuppressWarnings("FunctionalInterfaceMethodChanged") // the same code runs either way
  default R apply(T argument) {
    try {
      return applyChecked(argument);
    } catch (Exception e) {
      throw Sneaky.rethrow(e);
    }
  }
}
