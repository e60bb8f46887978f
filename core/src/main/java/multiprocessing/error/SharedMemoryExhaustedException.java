package multiprocessing.error;

import java.io.Serial;

/**
 * Thrown when there is no room left for a shared object.
 *
 * <p>Nothing was allocated, and what exists is unharmed. Close shared objects that are no longer
 * used, ask for less, or follow the remedy in the message, which depends on what ran out.
 */
public final class SharedMemoryExhaustedException extends ProcessException {
  @Serial private static final long serialVersionUID = 1L;

  private final long asked;
  private final long free;

  /**
   * Creates an exception.
   *
   * @param bytesAsked the bytes that were asked for
   * @param bytesFree the bytes that were free then; negative if unknown
   * @param remedy what to do, such as {@code "enlarge /dev/shm"}; may be empty
   */
  public SharedMemoryExhaustedException(long bytesAsked, long bytesFree, String remedy) {
    super(
        "no room for "
            + bytesAsked
            + " bytes of shared memory"
            + (bytesFree < 0 ? "" : " (" + bytesFree + " are free)")
            + (remedy.isEmpty() ? "" : "; remedy: " + remedy));
    this.asked = bytesAsked;
    this.free = bytesFree;
  }

  /**
   * Returns how much was asked for.
   *
   * @return bytes
   */
  public long bytesAsked() {
    return asked;
  }

  /**
   * Returns how much was free.
   *
   * @return bytes; negative if unknown
   */
  public long bytesFree() {
    return free;
  }
}
