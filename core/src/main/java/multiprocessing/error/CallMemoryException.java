package multiprocessing.error;

import java.io.Serial;

/**
 * Thrown for an isolated call that needed more memory than its process had. The cause is the {@code
 * OutOfMemoryError} of that process, with the stack there; the memory of this process is not
 * concerned.
 */
public final class CallMemoryException extends ProcessException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what happened
   * @param cause what the process of the call threw
   */
  public CallMemoryException(String message, Throwable cause) {
    super(message, cause);
  }
}
