package multiprocessing.error;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * Tells, as text, of an exception that was thrown in another process.
 *
 * <p>It comes in two roles. Where the exception of a task can travel, it arrives as itself, and
 * this one is the last of its causes (or, where it accepts no cause, among its suppressed
 * exceptions): it shows the stack of the process in which the task ran. Where the exception cannot
 * travel (its class is unknown here, or it holds something that cannot be serialized), this one is
 * thrown in its place. It has no stack trace of its own: its message ends with the remote one.
 */
public final class RemoteTaskException extends ProcessException {
  @Serial private static final long serialVersionUID = 1L;

  private final String className;
  private final @Nullable String text;
  private final String stack;

  /**
   * Creates an exception.
   *
   * @param className the class of the remote exception
   * @param message its message
   * @param stackText its stack trace with all causes, as {@code printStackTrace} shows it
   */
  public RemoteTaskException(String className, @Nullable String message, String stackText) {
    super(tell(className, message, stackText), false);
    this.className = className;
    this.text = message;
    this.stack = stackText;
  }

  private static String tell(String className, @Nullable String message, String stackText) {
    String head = message == null ? className : className + ": " + message;
    return stackText.isBlank()
        ? head
        : head + "\n--- stack in the other process ---\n" + stackText.stripTrailing();
  }

  /**
   * Returns the class of the remote exception.
   *
   * @return its binary name
   */
  public String remoteClassName() {
    return className;
  }

  /**
   * Returns the message of the remote exception.
   *
   * @return its message, without the stack; null if it had none
   */
  public @Nullable String remoteMessage() {
    return text;
  }

  /**
   * Returns the stack trace of the remote exception.
   *
   * @return the text of its {@code printStackTrace}, causes and suppressed exceptions included
   */
  public String remoteStackTrace() {
    return stack;
  }
}
