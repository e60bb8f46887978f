package multiprocessing.internal.os;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * System calls and C functions, all through one downcall shape: seven longs in, one long out.
 *
 * <p>The JDK spins classes for each new shape of a downcall: 4 to 8 ms, which no AOT cache saves,
 * against 0.2 ms for one more function of a shape that is there. A child pays that at each start.
 * Both ABIs supported here (System V x86-64, AAPCS64) pass integers and pointers alike in
 * registers, a callee reads as much of a register as it wants, and surplus arguments do no harm; so
 * this one shape serves every function that takes at most seven integers or pointers.
 */
final class SystemCall {
  private static final FunctionDescriptor SHAPE =
      FunctionDescriptor.of(
          Native.LONG,
          Native.LONG,
          Native.LONG,
          Native.LONG,
          Native.LONG,
          Native.LONG,
          Native.LONG,
          Native.LONG);
  static final MethodHandle SYSCALL = Native.bind("syscall", SHAPE);
  private static final boolean ARM = System.getProperty("os.arch", "").equals("aarch64");

  static final int CLOSE = number(3, 57);
  static final int DUP3 = number(292, 24);
  static final int EVENTFD2 = number(290, 19);
  static final int EXIT_GROUP = number(231, 94);
  static final int FALLOCATE = number(285, 47);
  static final int FCNTL = number(72, 25);
  static final int FTRUNCATE = number(77, 46);
  static final int FUTEX = number(202, 98);
  static final int GETPID = number(39, 172);
  static final int GETPPID = number(110, 173);
  static final int KILL = number(62, 129);
  static final int MEMFD_CREATE = number(319, 279);
  static final int MMAP = number(9, 222);
  static final int MUNMAP = number(11, 215);
  static final int OPENAT = number(257, 56);
  static final int PIDFD_OPEN = 434;
  static final int PIDFD_SEND_SIGNAL = 424;
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
  static final int SHUTDOWN = number(48, 210);
  static final int SOCKETPAIR = number(53, 199);
  static final int WAITID = number(247, 95);
  static final int WRITE = number(1, 64);

  private SystemCall() {}

  private static int number(int x86, int arm) {
    return ARM ? arm : x86;
  }

  /** Makes a system call; gives its result, or the negated {@code errno}, as the kernel does. */
  static long call(int number, long... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = Native.captureState(arena);
      long result =
          (long)
              SYSCALL.invokeExact(
                  state,
                  (long) number,
                  at(arguments, 0),
                  at(arguments, 1),
                  at(arguments, 2),
                  at(arguments, 3),
                  at(arguments, 4),
                  at(arguments, 5));
      return result == -1 ? -Native.errno(state) : result;
    } catch (Throwable t) {
      throw Native.impossible(t);
    }
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

  /** Binds a libc function, for {@link #function} or {@link #result}. */
  static MethodHandle bind(String name) {
    return Native.bind(name, SHAPE);
  }

  /** Binds the function at an address, for {@link #function} or {@link #result}. */
  static MethodHandle bind(long address) {
    return Native.bind(address, SHAPE);
  }

  /** Calls a function that gives an error number; throws if it is not zero. */
  static void function(String what, MethodHandle function, long... arguments) {
    int error = (int) result(function, arguments); // the upper half of the register is undefined
    if (error != 0) {
      throw new OsException(what, error);
    }
  }

  /** Calls a function that gives a long or a pointer. */
  static long result(MethodHandle function, long... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = Native.captureState(arena);
      return (long)
          function.invokeExact(
              state,
              at(arguments, 0),
              at(arguments, 1),
              at(arguments, 2),
              at(arguments, 3),
              at(arguments, 4),
              at(arguments, 5),
              at(arguments, 6));
    } catch (Throwable t) {
      throw Native.impossible(t);
    }
  }

  private static long at(long[] arguments, int index) {
    return index < arguments.length ? arguments[index] : 0;
  }
}
