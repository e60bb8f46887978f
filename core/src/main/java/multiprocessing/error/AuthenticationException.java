package multiprocessing.error;

import java.io.Serial;

/**
 * Thrown when the two ends of a connection do not hold the same authentication key, or do not agree
 * on TLS.
 *
 * <p>The counterpart of {@code multiprocessing.AuthenticationError}. Nothing was exchanged besides
 * the challenge, and the connection is closed. Give both ends the same key; processes of one tree
 * inherit it.
 */
public final class AuthenticationException extends ProcessException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message which side refused, and why
   */
  public AuthenticationException(String message) {
    super(message);
  }
}
