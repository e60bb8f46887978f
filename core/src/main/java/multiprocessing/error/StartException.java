package multiprocessing.error;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when a child process cannot be started, or ends before it is ready for its task.
 *
 * <p>The message says at which step, and carries what the child wrote to stderr, if anything. The
 * task has not run. The usual reasons: options that its virtual machine refuses, no memory or no
 * process to be had, a main class that it cannot load.
 */
public final class StartException extends ProcessException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message at which step the start failed
   */
  public StartException(String message) {
    super(message);
  }

  /**
   * Creates an exception with a cause.
   *
   * @param message at which step the start failed
   * @param cause why
   */
  public StartException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
