package multiprocessing.error;

import java.io.Serial;
import java.util.OptionalInt;

/**
 * Thrown for a task whose worker process died while it ran the task.
 *
 * <p>Only this task fails; the pool replaces the worker. Whether the task had any effect before its
 * worker died is unknown, so repeat it only if it may run twice (or let the pool do so: see its
 * retries). The usual reasons: a crash of the virtual machine or of native code (SIGSEGV, SIGABRT),
 * the kernel's out-of-memory killer (SIGKILL), or a task that called {@code System.exit}.
 */
public final class WorkerLostException extends ProcessException {
  @Serial private static final long serialVersionUID = 1L;

  private final long worker;
  private final boolean ended;
  private final int code;
  private final String task;
  private final String stderr;

  /**
   * Creates an exception.
   *
   * @param worker the name of the worker, such as {@code "PoolWorker-2"}
   * @param pid its process id
   * @param exitCode n after {@code exit(n)}, -N after signal N, empty if nobody knows
   * @param task a description of the task that it ran; empty if it ran none
   * @param stderrTail the last lines that it wrote to stderr, followed by a summary of the virtual
   *     machine's crash report where there is one; may be empty
   */
  public WorkerLostException(
      String worker, long pid, OptionalInt exitCode, String task, String stderrTail) {
    super(tell(worker, pid, exitCode, task, stderrTail));
    this.worker = pid;
    this.ended = exitCode.isPresent();
    this.code = exitCode.orElse(0);
    this.task = task;
    this.stderr = stderrTail;
  }

  private static String tell(
      String worker, long pid, OptionalInt exitCode, String task, String stderrTail) {
    var text =
        new StringBuilder("worker ").append(worker).append(" (pid ").append(pid).append(") ");
    text.append(exitCode.isPresent() ? Signals.ending(exitCode.getAsInt()) : "was lost");
    text.append(task.isEmpty() ? " while it was idle" : " while it ran " + task);
    if (exitCode.isPresent() && exitCode.getAsInt() == -9) {
      text.append(" (if nobody killed it, the kernel may have: it does when memory runs out)");
    }
    if (!stderrTail.isBlank()) {
      text.append("; the end of its stderr:\n").append(stderrTail.stripTrailing());
    }
    return text.toString();
  }

  /**
   * Returns the process that died.
   *
   * @return its process id
   */
  public long pid() {
    return worker;
  }

  /**
   * Returns the exit code of the worker.
   *
   * @return n after {@code exit(n)}, -N after signal N, empty if nobody knows
   */
  public OptionalInt exitCode() {
    return ended ? OptionalInt.of(code) : OptionalInt.empty();
  }

  /**
   * Returns what the worker was doing.
   *
   * @return a description of the task; empty if it was idle
   */
  public String task() {
    return task;
  }

  /**
   * Returns what the worker said last.
   *
   * @return the last lines of its stderr and a summary of its crash report; may be empty
   */
  public String stderrTail() {
    return stderr;
  }
}
