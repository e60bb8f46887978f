package multiprocessing.internal.os;

import java.lang.foreign.MemorySegment;

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
  public static final int EACCES = 13;
  public static final int EEXIST = 17;
  public static final int EISDIR = 21;
  public static final int EINVAL = 22;
  public static final int EFBIG = 27;
  public static final int ENOSPC = 28;
  public static final int EPIPE = 32;
  public static final int ENOSYS = 38;
  public static final int EADDRINUSE = 98;
  public static final int ECONNRESET = 104;
  public static final int ETIMEDOUT = 110;
  public static final int ECONNREFUSED = 111;
  public static final int EHOSTUNREACH = 113;
  public static final int EINPROGRESS = 115;

  private Errno() {}

  /** The C library's sentence for an error number, with the number. */
  @SuppressWarnings("restricted") // the text of strerror is bounded
  public static String text(int errno) {
    long text = SystemCall.result(SystemCall.find("strerror"), errno);
    return MemorySegment.ofAddress(text).reinterpret(256).getString(0) + " (errno " + errno + ")";
  }
}
