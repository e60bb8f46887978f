package multiprocessing.error;

import java.io.Serial;

/**
 * Thrown for an isolated call whose process ended before it gave a result: a crash of the virtual
 * machine or of native code (SIGSEGV, SIGABRT, SIGBUS), the kernel's out-of-memory killer
 * (SIGKILL), or a task that called {@code System.exit} or {@code halt}.
 */
public final class CallCrashedException extends ProcessException {
  @Serial private static final long serialVersionUID = 1L;

  private final long process;
  private final int code;
  private final String report;

  /**
   * Creates an exception.
   *
   * @param pid the process that ended
   * @param exitCode n after {@code exit(n)}, -N after signal N
   * @param crashReport a summary of the virtual machine's crash report; empty if there is none
   */
  public CallCrashedException(long pid, int exitCode, String crashReport) {
    super(tell(pid, exitCode, crashReport));
    this.process = pid;
    this.code = exitCode;
    this.report = crashReport;
  }

  private static String tell(long pid, int exitCode, String crashReport) {
    StringBuilder text = new StringBuilder("the process of the call (pid ").append(pid);
    text.append(") ").append(Signals.ending(exitCode)).append(" before it gave a result");
    if (exitCode == -9) {
      text.append(" (if nobody killed it, the kernel may have: it does when memory runs out)");
    }
    if (!crashReport.isBlank()) {
      text.append("; from its crash report:\n").append(crashReport.strip());
    }
    return text.toString();
  }

  /**
   * Returns the process that ended.
   *
   * @return its process id
   */
  public long pid() {
    return process;
  }

  /**
   * Returns how it ended.
   *
   * @return n after {@code exit(n)}, -N after signal N
   */
  public int exitCode() {
    return code;
  }

  /**
   * Returns what the virtual machine said about its crash.
   *
   * @return the signal and the frame in which it crashed, some lines; empty if it left no report
   */
  public String crashReport() {
    return report;
  }
}
