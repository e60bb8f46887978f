package multiprocessing.error;

import java.io.Serial;

/**
 * Thrown when a received message does not fit into the buffer that was supplied for it.
 *
 * <p>The counterpart of {@code multiprocessing.BufferTooShort}. The message is not lost: it has
 * left the connection and is carried whole by {@link #message()}. Use a larger buffer for the next
 * one.
 */
public final class BufferTooShortException extends ProcessException {
  @Serial private static final long serialVersionUID = 1L;

  private final byte[] content;

  /**
   * Creates an exception.
   *
   * @param message the whole message that was received; not copied
   * @param room the bytes that the buffer had room for
   */
  public BufferTooShortException(byte[] message, long room) {
    super(
        "a message of "
            + message.length
            + " bytes does not fit into the "
            + room
            + " bytes of the buffer; take it from message()");
    this.content = message;
  }

  /**
   * Returns the whole message.
   *
   * @return the bytes that did not fit; not a copy
   */
  public byte[] message() {
    return content;
  }
}
