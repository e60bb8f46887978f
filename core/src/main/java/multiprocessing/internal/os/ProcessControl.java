package multiprocessing.internal.os;

import java.io.File;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/** What a process may ask of the kernel for itself, and for others by pid. */
public final class ProcessControl {
  public static final int SIGHUP = 1;
  public static final int SIGINT = 2;
  public static final int SIGQUIT = 3;
  public static final int SIGILL = 4;
  public static final int SIGABRT = 6;
  public static final int SIGBUS = 7;
  public static final int SIGKILL = 9;
  public static final int SIGSEGV = 11;
  public static final int SIGPIPE = 13;
  public static final int SIGTERM = 15;
  public static final int SIGCHLD = 17;

  private static final String[] SIGNAL_NAMES =
      ("HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP"
              + " TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS")
          .split(" ");

  private static final int PR_SET_PDEATHSIG = 1;
  private static final int PRIO_PROCESS = 0;
  private static final int RLIMIT_CPU = 0;
  private static final int PRIO_PGRP = 1;
  private static final int KERNEL_SIGACTION_BYTES = 32;
  private static final int KERNEL_SIGSET_BYTES = 8;
  private static final long SIG_IGN = 1;
  private static final int CPU_SET_BYTES = 1024;

  private ProcessControl() {}

  /** Asks the kernel to kill this process when the thread that made it ends. */
  public static void dieWithParent() {
    SystemCall.checked("prctl", SystemCall.PRCTL, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  }

  public static long pid() {
    return SystemCall.call(SystemCall.GETPID);
  }

  public static long parentPid() {
    return SystemCall.call(SystemCall.GETPPID);
  }

  /** Makes a child the leader of a process group of its own; fails in silence if it has ended. */
  public static void leadGroup(long pid) {
    SystemCall.call(SystemCall.SETPGID, pid, pid);
  }

  /** Gives a signal its default effect in this process. */
  public static void resetSignal(int signal) {
    if (HelperLibrary.IS_LINKED) {
      check(HelperCalls.resetSignal(signal, false));
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      setAction(signal, arena.allocate(KERNEL_SIGACTION_BYTES, 8), MemorySegment.NULL);
    }
  }

  /** The same, unless the signal is ignored, as SIGHUP is below {@code nohup}. */
  public static void resetSignalUnlessIgnored(int signal) {
    if (HelperLibrary.IS_LINKED) {
      check(HelperCalls.resetSignal(signal, true));
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment old = arena.allocate(KERNEL_SIGACTION_BYTES, 8);
      setAction(signal, MemorySegment.NULL, old);
      if (old.get(Native.LONG, 0) != SIG_IGN) {
        resetSignal(signal);
      }
    }
  }

  private static void check(int result) {
    if (result < 0) {
      throw new OsException("sigaction", -result);
    }
  }

  private static void setAction(int signal, MemorySegment action, MemorySegment old) {
    SystemCall.checked(
        "sigaction",
        SystemCall.RT_SIGACTION,
        signal,
        action.address(),
        old.address(),
        KERNEL_SIGSET_BYTES);
  }

  /** Sends a signal to a process; gives false if there is none of that pid. */
  public static boolean signal(long pid, int signal) {
    return SystemCall.call(SystemCall.KILL, pid, signal) == 0;
  }

  /** The name of a signal, such as {@code SIGTERM}. */
  public static String signalName(int signal) {
    return signal >= 1 && signal <= SIGNAL_NAMES.length
        ? "SIG" + SIGNAL_NAMES[signal - 1]
        : "signal " + signal;
  }

  /** Sets the nice value of every thread of every process in a group. */
  public static void setGroupNice(long group, int nice) {
    SystemCall.checked("nice " + nice, SystemCall.SETPRIORITY, PRIO_PGRP, group, nice);
  }

  /**
   * Has the kernel end a child with SIGXCPU when it has used so much processor time, and kill it a
   * little later; fails in silence if it has ended.
   */
  public static void limitCpu(long pid, long seconds) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment limit = arena.allocate(2 * Long.BYTES, 8);
      limit.set(Native.LONG, 0, seconds);
      limit.set(Native.LONG, Long.BYTES, seconds + 1);
      SystemCall.call(SystemCall.PRLIMIT64, pid, RLIMIT_CPU, limit.address(), 0);
    }
  }

  /** Sets the nice value of the calling thread, and of what it starts from now on. */
  public static void setNice(int nice) {
    SystemCall.checked("nice " + nice, SystemCall.SETPRIORITY, PRIO_PROCESS, 0, nice);
  }

  /** The processors that the calling thread may run on. */
  public static BitSet affinity() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment set = arena.allocate(CPU_SET_BYTES, 8);
      SystemCall.checked(
          "sched_getaffinity", SystemCall.SCHED_GETAFFINITY, 0, CPU_SET_BYTES, set.address());
      return BitSet.valueOf(set.asByteBuffer());
    }
  }

  /** Binds the calling thread, and what it starts from now on, to some processors. */
  public static void setAffinity(BitSet processors) {
    setAffinity(0, processors);
  }

  /** Binds all threads that a process has just now to some processors. */
  public static void setAffinityOfAll(long pid, BitSet processors) {
    String[] threads = new File("/proc/" + pid + "/task").list();
    for (String thread : threads == null ? new String[0] : threads) {
      try {
        setAffinity(Long.parseLong(thread), processors);
      } catch (OsException e) {
        if (e.errno() != Errno.ESRCH || Long.parseLong(thread) == pid) {
          throw e;
        } // else it has ended just now
      }
    }
  }

  /** Binds a thread, by its id, and what it starts from now on, to some processors. */
  public static void setAffinity(long thread, BitSet processors) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment set = arena.allocate(CPU_SET_BYTES, 8);
      byte[] bits = processors.toByteArray();
      MemorySegment.copy(
          MemorySegment.ofArray(bits), 0, set, 0, Math.min(bits.length, CPU_SET_BYTES));
      SystemCall.checked(
          "bind to processors " + processors,
          SystemCall.SCHED_SETAFFINITY,
          thread,
          CPU_SET_BYTES,
          set.address());
    }
  }
}
