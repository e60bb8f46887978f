package multiprocessing.error;

import java.io.Serial;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown for a task of a pool that ran for longer than it may.
 *
 * <p>At its soft limit a task is interrupted; if it then fails, this is its exception and the cause
 * is what it threw. At its hard limit its worker tells where its threads are and is killed; the
 * task fails with this exception, which has that thread dump.
 */
public final class TaskTimeoutException extends TimeoutException {
  @Serial private static final long serialVersionUID = 1L;

  private final long worker;
  private final String dump;

  /**
   * Creates an exception.
   *
   * @param message what happened
   * @param pid the process id of the worker
   * @param threadDump where the threads of the worker were; empty if nobody knows
   * @param cause what the task threw when it was interrupted; null if it threw nothing
   */
  public TaskTimeoutException(
      String message, long pid, String threadDump, @Nullable Throwable cause) {
    super(
        threadDump.isBlank() ? message : message + "; its threads:\n" + threadDump.stripTrailing());
    this.worker = pid;
    this.dump = threadDump;
    if (cause != null) {
      initCause(cause);
    }
  }

  /**
   * Returns the worker that ran the task.
   *
   * @return its process id
   */
  public long pid() {
    return worker;
  }

  /**
   * Returns where the threads of the worker were before it was killed.
   *
   * @return the stack of each of its threads, that of the task first, with the locks that it holds
   *     and waits for, behind a line that tells of a deadlock, if there is one; empty if the task
   *     ended by itself after it was interrupted
   */
  public String threadDump() {
    return dump;
  }
}
