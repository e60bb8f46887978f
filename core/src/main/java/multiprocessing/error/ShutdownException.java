package multiprocessing.error;

import java.io.Serial;

/**
 * Thrown by an operation on a queue that was shut down, and by those that were waiting on it then.
 *
 * <p>The counterpart of {@code queue.ShutDown}. After a plain shutdown elements that are already in
 * the queue can still be taken, and only then is this thrown; after an immediate one they are gone.
 * A consumer's loop ends here.
 */
public final class ShutdownException extends ProcessException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what was shut down
   */
  public ShutdownException(String message) {
    super(message);
  }
}
