package multiprocessing.internal.serial;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import multiprocessing.error.RemoteTaskException;
import org.jspecify.annotations.Nullable;

/**
 * A throwable of another process, as {@link Codec#decode} gives it back for what {@link
 * Codec#encodeFailure} made.
 *
 * @param className the binary name of its class
 * @param message its message; null if it had none
 * @param stackText its stack trace with causes and suppressed exceptions, as text
 * @param original the throwable itself; null if it could not travel
 */
public record RemoteFailure(
    String className, @Nullable String message, String stackText, @Nullable Throwable original) {

  /**
   * Returns what to throw here.
   *
   * <p>That is the original, whose chain of causes now ends with a {@link RemoteTaskException} that
   * shows the remote stack; where the last cause accepts none, it is added to the suppressed ones
   * of the original instead. Without an original it is a {@code RemoteTaskException} alone.
   */
  public Throwable toThrowable() {
    var carrier = new RemoteTaskException(className, message, stackText);
    if (original == null) {
      return carrier;
    }
    try {
      attach(original, carrier);
    } catch (RuntimeException | StackOverflowError ignored) {
      // An exception that overrides getCause or initCause and fails there travels without the
      // stack.
    }
    return original;
  }

  private static void attach(Throwable original, RemoteTaskException carrier) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Throwable last = original;
    seen.add(last);
    for (Throwable cause = last.getCause(); cause != null && seen.add(cause); ) {
      last = cause;
      cause = last.getCause();
    }
    try {
      last.initCause(carrier);
    } catch (IllegalStateException causeIsFixed) {
      original.addSuppressed(carrier);
    }
  }
}
