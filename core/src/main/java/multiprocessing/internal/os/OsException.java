package multiprocessing.internal.os;

/** A system call failed. Rooms above turn it into an exception that names the user's culprit. */
public final class OsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  OsException(String call, int errno) {
    super(call + ": " + Errno.text(errno));
    this.errno = errno;
  }

  public int errno() {
    return errno;
  }
}
