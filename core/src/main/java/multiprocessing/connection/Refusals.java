package multiprocessing.connection;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import multiprocessing.internal.os.Errno;
import multiprocessing.internal.os.OsException;

/** What the system refuses, in the words of the JDK. */
final class Refusals {
  private Refusals() {}

  static IOException of(String what, OsException refusal) {
    String text = what + ": " + refusal.getMessage();
    IOException exception =
        switch (refusal.errno()) {
          case Errno.EADDRINUSE -> new BindException(text);
          case Errno.ENOENT, Errno.ECONNREFUSED, Errno.ECONNRESET -> new ConnectException(text);
          case Errno.ETIMEDOUT, Errno.EHOSTUNREACH -> new NoRouteToHostException(text);
          default -> new IOException(text);
        };
    exception.initCause(refusal);
    return exception;
  }
}
