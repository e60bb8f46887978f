package multiprocessing.internal.os;

import org.jspecify.annotations.Nullable;

/**
 * The native methods of the C helper ({@code src/main/c/calls.c}), through which all else here is
 * called. They work where {@link HelperLibrary#IS_LINKED}; elsewhere there are {@link
 * ForeignCalls}.
 */
final class HelperCalls {
  /** How many descriptors {@link #poll} takes. */
  static final int MOST_POLLED = 64;

  private HelperCalls() {}

  /** Makes a system call; gives its result, or the negated {@code errno}. */
  static native long systemCall(long number, long a, long b, long c, long d, long e, long f);

  /** Calls the C function at an address. */
  static native long call(long function, long a, long b, long c, long d, long e, long f);

  /** The address of a C function, or 0. */
  static native long find(byte[] name);

  /**
   * Calls a method without result.
   *
   * @param signature its parameters and result, in the form of class files
   * @param receiver null for a static method
   * @param arguments those that are no primitives; null for one that is
   * @param bits the primitives, lowest bytes first; 0 for what is none
   */
  static native void run(
      Class<?> home,
      String method,
      String signature,
      @Nullable Object receiver,
      @Nullable Object[] arguments,
      long[] bits);

  /** The same as {@link ProcessControl#resetSignal}, or the negated {@code errno}. */
  static native int resetSignal(int signal, boolean unlessIgnored);

  /**
   * Sends some of the bytes, at least one.
   *
   * @return how many, or the negated {@code errno}
   */
  static native int send(int socket, byte[] bytes, int offset);

  /**
   * Receives what is there, as far as the array has room for it.
   *
   * @param descriptors gets the number of descriptors that came along, and those; -1 as the number
   *     if some were lost
   * @return how many bytes came, 0 at the end, or the negated {@code errno}
   */
  static native int receive(int socket, byte[] bytes, int offset, boolean wait, int[] descriptors);

  /**
   * Waits until one of the descriptors is ready, or the time is over; signals do not end it.
   *
   * @param fds at most {@link #MOST_POLLED}
   * @param events of each what to wait for, and then what it is ready for; as many
   * @param millis negative for ever
   * @return how many are ready, or the negated {@code errno}
   */
  static native int poll(int[] fds, short[] events, long millis);
}
