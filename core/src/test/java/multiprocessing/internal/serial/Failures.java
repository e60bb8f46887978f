package multiprocessing.internal.serial;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.net.Socket;
import org.jspecify.annotations.NullUnmarked;

/** Throwables that give a serializer, or whoever prints them, a hard time. */
@NullUnmarked
@SuppressWarnings("serial")
final class Failures {
  static class WithFields extends Exception {
    final int code;

    WithFields(String message, int code) {
      super(message);
      this.code = code;
    }
  }

  static class WithSocket extends RuntimeException {
    final Socket socket = new Socket();

    WithSocket(String message) {
      super(message);
    }
  }

  /** Its field is not serializable, but plain data. */
  static class WithData extends RuntimeException {
    final Samples.Bare data;

    WithData(String message, Samples.Bare data) {
      super(message);
      this.data = data;
    }
  }

  static class Unreadable extends RuntimeException {
    Unreadable(String message) {
      super(message);
    }

    private void readObject(ObjectInputStream in) throws IOException {
      throw new IOException("unreadable");
    }
  }

  static class ReadsForever extends RuntimeException {
    ReadsForever(String message) {
      super(message);
    }

    @SuppressWarnings("InfiniteRecursion")
    private void readObject(ObjectInputStream in) {
      readObject(in);
    }
  }

  static class ReadsBadly extends RuntimeException {
    ReadsBadly(String message) {
      super(message);
    }

    private void readObject(ObjectInputStream in) {
      throw new NoClassDefFoundError("gone");
    }
  }

  static class ReplacedByText extends RuntimeException {
    ReplacedByText(String message) {
      super(message);
    }

    private Object writeReplace() {
      return "text";
    }
  }

  static class ResolvesToNull extends RuntimeException {
    ResolvesToNull(String message) {
      super(message);
    }

    private Object readResolve() {
      return null;
    }
  }

  static class Unwritable extends RuntimeException {
    Unwritable(String message) {
      super(message);
    }

    private Object writeReplace() {
      throw new IllegalStateException("unwritable");
    }
  }

  static class NoMessage extends RuntimeException {
    @Override
    public String getMessage() {
      throw new IllegalStateException("no message");
    }
  }

  static class NotPrintable extends RuntimeException {
    NotPrintable(String message) {
      super(message);
    }

    @Override
    public void printStackTrace(PrintStream out) {
      throw new IllegalStateException("not printable");
    }

    @Override
    public void printStackTrace(PrintWriter out) {
      throw new IllegalStateException("not printable");
    }
  }

  /** Accepts neither a cause nor a stack trace nor suppressed exceptions. */
  static class Bare extends RuntimeException {
    Bare(String message) {
      super(message, null, false, false);
    }
  }

  static class BadCause extends RuntimeException {
    BadCause(String message) {
      super(message);
    }

    @Override
    public synchronized Throwable getCause() {
      throw new IllegalStateException("no cause");
    }
  }

  private Failures() {}
}
