package multiprocessing.internal.os;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The error numbers of Linux that the library tells apart, and their texts. */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EINTR = 4;
  public static final int E2BIG = 7;
  public static final int ECHILD = 10;
  public static final int EAGAIN = 11;
  public static final int ENOMEM = 12;
  public static final int EEXIST = 17;
  public static final int EINVAL = 22;
  public static final int ENOSPC = 28;
  public static final int EPIPE = 32;
  public static final int ENOSYS = 38;
  public static final int ECONNRESET = 104;
  public static final int ETIMEDOUT = 110;

  private static final MethodHandle STRERROR =
      Native.bindPlain("strerror", FunctionDescriptor.of(Native.POINTER, Native.INT));

  private Errno() {}

  /** The C library's sentence for an error number, with the number. */
  @SuppressWarnings("restricted") // the text of strerror is bounded
  public static String text(int errno) {
    try {
      MemorySegment text = (MemorySegment) STRERROR.invokeExact(errno);
      return text.reinterpret(256).getString(0) + " (errno " + errno + ")";
    } catch (Throwable t) {
      throw Native.impossible(t);
    }
  }
}
