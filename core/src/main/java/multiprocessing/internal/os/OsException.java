package multiprocessing.internal.os;

/** A system call failed. Rooms above turn it into an exception that names the user's culprit. */
public final class OsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  OsException(String call, int errno) {
    this(errno, call + ": " + Errno.text(errno));
  }

  private OsException(int errno, String message) {
    super(message);
    this.errno = errno;
  }

  /** For where a text of our own says more than that of the C library. */
  static OsException of(int errno, String message) {
    return new OsException(errno, message);
  }

  public int errno() {
    return errno;
  }
}
