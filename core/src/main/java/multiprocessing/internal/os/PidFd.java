package multiprocessing.internal.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A descriptor that stands for a process: it names the same process for ever, even when the pid is
 * used again, and becomes readable when the process ends.
 */
public final class PidFd {
  private static final int P_PID = 1;
  private static final int P_PIDFD = 3;
  private static final int WEXITED = 4;
  private static final int WNOHANG = 1;
  private static final int CLD_EXITED = 1;
  private static final int SIGINFO_BYTES = 128;
  private static final int SI_CODE = 8;
  private static final int SI_PID = 16;
  private static final int SI_STATUS = 24;

  /** What {@link #reap} gives while the process runs. */
  public static final int RUNNING = Integer.MIN_VALUE;

  /** What {@link #reap} gives if somebody else has collected the exit code. */
  public static final int UNKNOWN = Integer.MIN_VALUE + 1;

  private PidFd() {}

  public static int open(long pid) {
    return (int) SystemCall.checked("pidfd_open of process " + pid, SystemCall.PIDFD_OPEN, pid, 0);
  }

  /** Kills and collects a child for which there is no descriptor to be had. */
  public static void abandon(long pid) {
    SystemCall.call(SystemCall.KILL, pid, ProcessControl.SIGKILL);
    SystemCall.retrying(SystemCall.WAITID, P_PID, pid, 0, WEXITED, 0);
  }

  /** Sends a signal; gives false if the process has ended. */
  public static boolean signal(int pidfd, int signal) {
    long result = SystemCall.call(SystemCall.PIDFD_SEND_SIGNAL, pidfd, signal, 0, 0);
    if (result < 0 && result != -Errno.ESRCH) {
      throw new OsException("send signal " + signal, (int) -result);
    }
    return result == 0;
  }

  /**
   * Collects the exit code of a child, if it has ended: n for {@code exit(n)}, -N for a death by
   * signal N, {@link #RUNNING} or {@link #UNKNOWN}.
   */
  public static int reap(int pidfd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = arena.allocate(SIGINFO_BYTES, 8);
      long result =
          SystemCall.retrying(
              SystemCall.WAITID, P_PIDFD, pidfd, info.address(), WEXITED | WNOHANG, 0);
      if (result == -Errno.ECHILD) {
        return UNKNOWN;
      }
      if (result < 0) {
        throw new OsException("waitid", (int) -result);
      }
      if (info.get(Native.INT, SI_PID) == 0) {
        return RUNNING;
      }
      int status = info.get(Native.INT, SI_STATUS);
      return info.get(Native.INT, SI_CODE) == CLD_EXITED ? status : -status;
    }
  }
}
