package multiprocessing.error;

import java.io.Serial;
import java.util.concurrent.TimeoutException;

/**
 * Thrown for an isolated call that took longer than it may. Its process was killed; before that it
 * told where its threads were, if it still could.
 */
public final class CallTimeoutException extends TimeoutException {
  @Serial private static final long serialVersionUID = 1L;

  private final long process;
  private final String dump;

  /**
   * Creates an exception.
   *
   * @param message what happened
   * @param pid the process that was killed
   * @param threadDump where its threads were; empty if nobody knows
   */
  public CallTimeoutException(String message, long pid, String threadDump) {
    super(threadDump.isBlank() ? message : message + "; its threads:\n" + threadDump.strip());
    this.process = pid;
    this.dump = threadDump;
  }

  /**
   * Returns the process that was killed.
   *
   * @return its process id
   */
  public long pid() {
    return process;
  }

  /**
   * Returns where the threads of the process were when the time was up.
   *
   * @return the stack of each of its threads, that of the task first; empty if the process was
   *     stuck so deeply that it could not tell
   */
  public String threadDump() {
    return dump;
  }
}
