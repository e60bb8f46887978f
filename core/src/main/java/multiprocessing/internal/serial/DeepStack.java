package multiprocessing.internal.serial;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A second attempt for what overflowed the stack.
 *
 * <p>Serializers follow references by recursion, so a linked structure of some thousand nodes is
 * too much for an ordinary stack. That would be bad luck for a sender and a lost message for a
 * receiver, so both try again on a stack that is much larger (its memory is taken only as far as it
 * is used).
 */
final class DeepStack {
  private static final long BYTES = 128L << 20;

  private DeepStack() {}

  /** Whether a stack overflow is at the bottom of a failure. */
  static boolean isOverflow(Throwable failure) {
    Throwable cause = failure;
    for (int i = 0; i < 20 && cause != null; i++) {
      if (cause instanceof StackOverflowError) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }

  /** Runs something on a large stack. */
  static <T> T call(Callable<T> action) throws Exception {
    var task = new FutureTask<>(action);
    Thread thread = new Thread(null, task, "multiprocessing-deep-stack", BYTES);
    thread.setDaemon(true);
    thread.setContextClassLoader(Thread.currentThread().getContextClassLoader());
    thread.start();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true; // serialization does not wait for anything, so finish it first
        } catch (ExecutionException e) {
          throw unwrap(e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static Exception unwrap(ExecutionException e) {
    if (e.getCause() instanceof Error error) {
      throw error;
    }
    return e.getCause() instanceof Exception cause ? cause : e;
  }
}
