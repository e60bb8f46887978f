package multiprocessing.error;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when an object cannot be turned into bytes, or bytes cannot be turned into an object.
 *
 * <p>On the way out it is thrown in the caller, before anything was sent, and {@link #path()} names
 * the field that is to blame, such as {@code "task.config.socket"}. Mark that field {@code
 * transient} and open the resource in the child; pass the plain data instead; or, for a lambda,
 * write it against a serializable interface ({@code SerializableFunction} and its kin). On the way
 * in it means that a class is missing or differs in this process, that an object failed to restore
 * itself, or that the bytes are damaged.
 */
public final class SerializationException extends ProcessException {
  @Serial private static final long serialVersionUID = 1L;

  private final @Nullable String culprit;

  /**
   * Creates an exception.
   *
   * @param message what could not be serialized, and the remedy
   */
  public SerializationException(String message) {
    super(message);
    this.culprit = null;
  }

  /**
   * Creates an exception with a cause.
   *
   * @param message what could not be serialized, and the remedy
   * @param cause what the serializer threw
   */
  public SerializationException(String message, @Nullable Throwable cause) {
    super(message, cause);
    this.culprit = null;
  }

  /**
   * Creates an exception that names the culprit.
   *
   * @param message what could not be serialized, and the remedy
   * @param path the fields from the root to the culprit, separated by dots
   * @param cause what the serializer threw
   */
  public SerializationException(String message, @Nullable String path, @Nullable Throwable cause) {
    super(message, cause);
    this.culprit = path;
  }

  /**
   * Returns the way to the object that cannot travel.
   *
   * @return the fields from the root to the culprit, separated by dots; null if not known
   */
  public @Nullable String path() {
    return culprit;
  }
}
