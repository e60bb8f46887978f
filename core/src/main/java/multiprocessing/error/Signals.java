package multiprocessing.error;

/** The words for exit codes; the numbers are those that Linux gives x86-64 and aarch64. */
final class Signals {
  private static final String[] NAMES = {
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU",
    "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS"
  };

  private Signals() {}

  /** Returns what became of a process, as the rest of a sentence that begins with its name. */
  static String ending(int exitCode) {
    if (exitCode >= 0) {
      return "exited with code " + exitCode;
    }
    int signal = -exitCode;
    return "was killed by "
        + (signal > 0 && signal <= NAMES.length ? "SIG" + NAMES[signal - 1] : "signal " + signal);
  }
}
