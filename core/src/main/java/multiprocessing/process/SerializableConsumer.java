package multiprocessing.process;

import java.io.Serializable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Consumer} that can be sent to another process, and whose code may throw any exception.
 *
 * <p>A lambda written against it travels with what it captures; all of that must be {@link
 * Serializable} too. As a plain {@code Consumer} it throws what its code throws, checked or not.
 *
 * @param <T> the type of the argument
 */
@FunctionalInterface
public interface SerializableConsumer<T extends @Nullable Object>
    extends Consumer<T>, Serializable {
  /**
   * Runs the code.
   *
   * @param argument what to run it on
   * @throws Exception whatever it throws
   */
  void acceptChecked(T argument) throws Exception;

  @Override
  @SuppressWarnings("FunctionalInterfaceMethodChanged") // the same code runs either way
  default void accept(T argument) {
    try {
      acceptChecked(argument);
    } catch (Exception e) {
      throw Sneaky.rethrow(e);
    }
  }
}
