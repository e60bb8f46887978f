package multiprocessing.error;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * The root of the library's own exceptions.
 *
 * <p>The counterpart of {@code multiprocessing.ProcessError}. Catch it to handle everything that
 * can go wrong between processes in one place; the subclasses say what happened and what to do
 * about it.
 */
public class ProcessException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what happened, in a sentence
   */
  public ProcessException(@Nullable String message) {
    super(message);
  }

  /**
   * Creates an exception with a cause.
   *
   * @param message what happened, in a sentence
   * @param cause why it happened; null if unknown
   */
  public ProcessException(@Nullable String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Creates an exception that has no stack trace of its own: its message tells another one. */
  ProcessException(String message, boolean withStackTrace) {
    super(message, null, true, withStackTrace);
  }
}
