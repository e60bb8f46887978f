package multiprocessing.process;

import java.io.Serializable;

/**
 * A {@link Runnable} that can be sent to another process, and whose code may throw any exception.
 *
 * <p>A lambda written against it travels with what it captures; all of that must be {@link
 * Serializable} too. As a plain {@code Runnable} it throws what its code throws, checked or not.
 */
@FunctionalInterface
public interface SerializableRunnable extends Runnable, Serializable {
  /**
   * Runs the code.
   *
   * @throws Exception whatever it throws
   */
  void runChecked() throws Exception;

  @Override
  @SuppressWarnings("FunctionalInterfaceMethodChanged") // the same code runs either way
  default void run() {
    try {
      runChecked();
    } catch (Exception e) {
      throw Sneaky.rethrow(e);
    }
  }
}
