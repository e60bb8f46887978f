package multiprocessing.internal.os;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * System calls and C functions: by the C helper where that is loaded, else by the foreign function
 * interface.
 *
 * <p>Both ABIs supported here (System V x86-64, AAPCS64) pass integers and pointers alike in
 * registers, a callee reads as much of a register as it wants, and surplus arguments do no harm. So
 * one shape serves every function that takes at most six integers or pointers.
 */
final class SystemCall {
  static {
    requireSupportedPlatform();
  }

  private static final boolean BY_HELPER = HelperLibrary.IS_LINKED;
  private static final boolean ARM = System.getProperty("os.arch", "").equals("aarch64");

  static final int ACCEPT4 = number(288, 242);
  static final int BIND = number(49, 200);
  static final int CLOSE = number(3, 57);
  static final int CONNECT = number(42, 203);
  static final int DUP3 = number(292, 24);
  static final int EVENTFD2 = number(290, 19);
  static final int EXIT_GROUP = number(231, 94);
  static final int FALLOCATE = number(285, 47);
  static final int FCNTL = number(72, 25);
  static final int FTRUNCATE = number(77, 46);
  static final int FUTEX = number(202, 98);
  static final int GETEUID = number(107, 175);
  static final int GETPEERNAME = number(52, 205);
  static final int GETPID = number(39, 172);
  static final int GETPPID = number(110, 173);
  static final int GETSOCKNAME = number(51, 204);
  static final int GETSOCKOPT = number(55, 209);
  static final int GETTID = number(186, 178);
  static final int KILL = number(62, 129);
  static final int LINKAT = number(265, 37);
  static final int LISTEN = number(50, 201);
  static final int MEMFD_CREATE = number(319, 279);
  static final int MMAP = number(9, 222);
  static final int MUNMAP = number(11, 215);
  static final int OPENAT = number(257, 56);
  static final int PIDFD_OPEN = 434;
  static final int PIDFD_SEND_SIGNAL = 424;
  static final int PRLIMIT64 = number(302, 261);
  static final int PPOLL = number(271, 73);
  static final int PRCTL = number(157, 167);
  static final int READ = number(0, 63);
  static final int RECVMSG = number(47, 212);
  static final int RT_SIGACTION = number(13, 134);
  static final int SCHED_GETAFFINITY = number(204, 123);
  static final int SCHED_SETAFFINITY = number(203, 122);
  static final int SENDMSG = number(46, 211);
  static final int SENDTO = number(44, 206);
  static final int SETPGID = number(109, 154);
  static final int SETPRIORITY = number(141, 140);
  static final int SETSOCKOPT = number(54, 208);
  static final int SHUTDOWN = number(48, 210);
  static final int SOCKET = number(41, 198);
  static final int SOCKETPAIR = number(53, 199);
  static final int UNLINKAT = number(263, 35);
  static final int WAITID = number(247, 95);
  static final int WRITE = number(1, 64);

  private SystemCall() {}

  private static void requireSupportedPlatform() {
    String name = System.getProperty("os.name", "?");
    String architecture = System.getProperty("os.arch", "?");
    boolean supported =
        name.toLowerCase(Locale.ROOT).contains("linux")
            && (architecture.equals("amd64") || architecture.equals("aarch64"));
    if (!supported) {
      throw new UnsupportedOperationException(
          "multiprocessing runs on Linux (x86-64, aarch64); this is "
              + name
              + " on "
              + architecture);
    }
  }

  private static int number(int x86, int arm) {
    return ARM ? arm : x86;
  }

  /** Makes a system call; gives its result, or the negated {@code errno}, as the kernel does. */
  static long call(int number, long... arguments) {
    return call(
        number,
        at(arguments, 0),
        at(arguments, 1),
        at(arguments, 2),
        at(arguments, 3),
        at(arguments, 4),
        at(arguments, 5));
  }

  /** The same, for a path that is to be quick. */
  static long call(int number, long a, long b, long c, long d, long e, long f) {
    return BY_HELPER
        ? HelperCalls.systemCall(number, a, b, c, d, e, f)
        : ForeignCalls.systemCall(number, a, b, c, d, e, f);
  }

  /** Makes a system call, again as long as a signal interrupts it. */
  static long retrying(int number, long... arguments) {
    while (true) {
      long result = call(number, arguments);
      if (result != -Errno.EINTR) {
        return result;
      }
    }
  }

  /** Makes a system call that must succeed; {@code what} names it in the exception. */
  static long checked(String what, int number, long... arguments) {
    long result = retrying(number, arguments);
    if (result < 0) {
      throw new OsException(what, (int) -result);
    }
    return result;
  }

  /** The address of a function of the C library, for {@link #function} or {@link #result}. */
  static long find(String name) {
    long address = BY_HELPER ? findByHelper(name) : ForeignCalls.find(name);
    if (address == 0) {
      throw new UnsupportedOperationException(
          "this C library has no " + name + "; glibc 2.34 or newer is needed");
    }
    return address;
  }

  /** The address of a function of the helper or of the C library; 0 if there is none. */
  static long findByHelper(String name) {
    return HelperCalls.find(name.getBytes(StandardCharsets.US_ASCII));
  }

  /** Calls a function that gives an error number; throws if it is not zero. */
  static void function(String what, long function, long... arguments) {
    int error = (int) result(function, arguments); // the upper half of the register is undefined
    if (error != 0) {
      throw new OsException(what, error);
    }
  }

  /** Calls a function that gives a long or a pointer. */
  static long result(long function, long... arguments) {
    long a = at(arguments, 0);
    long b = at(arguments, 1);
    long c = at(arguments, 2);
    long d = at(arguments, 3);
    long e = at(arguments, 4);
    long f = at(arguments, 5);
    return BY_HELPER
        ? HelperCalls.call(function, a, b, c, d, e, f)
        : ForeignCalls.call(function, a, b, c, d, e, f);
  }

  private static long at(long[] arguments, int index) {
    return index < arguments.length ? arguments[index] : 0;
  }
}
