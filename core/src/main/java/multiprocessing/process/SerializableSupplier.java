package multiprocessing.process;

import java.io.Serializable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Supplier} that can be sent to another process, and whose code may throw any exception.
 *
 * <p>A lambda written against it travels with what it captures; all of that must be {@link
 * Serializable} too. As a plain {@code Supplier} it throws what its code throws, checked or not.
 *
 * @param <R> the type of the result
 */
@FunctionalInterface
public interface SerializableSupplier<R extends @Nullable Object>
    extends Supplier<R>, Serializable {
  /**
   * Computes the result.
   *
   * @return the result
   * @throws Exception whatever it throws
   */
  R getChecked() throws Exception;

  @Override
  @SuppressWarnings("FunctionalInterfaceMethodChanged") // the same code runs either way
  default R get() {
    try {
      return getChecked();
    } catch (Exception e) {
      throw Sneaky.rethrow(e);
    }
  }
}
