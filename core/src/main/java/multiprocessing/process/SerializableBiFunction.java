package multiprocessing.process;

import java.io.Serializable;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * A {@link BiFunction} that can be sent to another process, and whose code may throw any exception.
 *
 * <p>A lambda written against it travels with what it captures; all of that must be {@link
 * Serializable} too. As a plain {@code BiFunction} it throws what its code throws, checked or not.
 *
 * @param <A> the type of the first argument
 * @param <B> the type of the second argument
 * @param <R> the type of the result
 */
@FunctionalInterface
public interface SerializableBiFunction<
        A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
    extends BiFunction<A, B, R>, Serializable {
  /**
   * Applies the code.
   *
   * @param first the first argument
   * @param second the second argument
   * @return the result
   * @throws Exception whatever it throws
   */
  R applyChecked(A first, B second) throws Exception;

  @Override
  @SuppressWarnings("FunctionalInterfaceMethodChanged") // the same code runs either way
  default R apply(A first, B second) {
    try {
      return applyChecked(first, second);
    } catch (Exception e) {
      throw Sneaky.rethrow(e);
    }
  }
}
