package multiprocessing.internal.session;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What the library says about itself. Levels are the numbers of {@code java.util.logging}.
 *
 * <p>A child is told its parent's level and writes to standard error by itself; {@code
 * java.util.logging} is loaded only where somebody asks for the logger, which then takes over as
 * the {@link Sink}.
 */
public final class Log {
  public static final int SUBDEBUG = 400;
  public static final int DEBUG = 500;
  public static final int INFO = 800;
  public static final int SUBWARNING = 850;
  public static final int WARNING = 900;
  public static final int ERROR = 1000;
  public static final int OFF = Integer.MAX_VALUE;

  /** Where messages go, and which. */
  public interface Sink {
    /** The lowest level that is wanted. */
    int level();

    /** Whether messages go to standard error, here and in children. */
    boolean toStderr();

    void write(int level, String message);
  }

  private static volatile String relay = "";
  private static volatile Sink sink = new StderrSink(OFF, false);

  private Log() {}

  public static Sink sink() {
    return sink;
  }

  public static void setSink(Sink replacement) {
    sink = replacement;
  }

  /** Goes on as the parent does. */
  public static void inherit(int level, boolean toStderr) {
    sink = new StderrSink(level, toStderr);
  }

  /** Where children are to send what they say; empty if each is to write it by itself. */
  public static String relay() {
    return relay;
  }

  public static void setRelay(String place) {
    relay = place;
  }

  public static boolean wants(int level) {
    return level >= sink.level();
  }

  public static void debug(String message) {
    write(DEBUG, message);
  }

  public static void info(String message) {
    write(INFO, message);
  }

  public static void warning(String message) {
    write(WARNING, message);
  }

  private static void write(int level, String message) {
    Sink target = sink;
    if (level >= target.level()) {
      target.write(level, message);
    }
  }

  /** A line as Python writes it: {@code [INFO/Process-1] message}. */
  public static String format(String levelName, String message) {
    return format(levelName, Session.get().name(), message);
  }

  /** The same of another process. */
  public static String format(String levelName, String process, String message) {
    return "[" + levelName + "/" + process + "] " + message + System.lineSeparator();
  }

  /** Python's name for a level. */
  public static @Nullable String nameOf(int level) {
    return switch (level) {
      case SUBDEBUG, 300 -> "SUBDEBUG";
      case DEBUG -> "DEBUG";
      case INFO -> "INFO";
      case SUBWARNING -> "SUBWARNING";
      case WARNING -> "WARNING";
      case ERROR -> "ERROR";
      default -> null;
    };
  }

  /** Writes to standard error at once and in one piece, so that lines of processes do not mix. */
  public static void toStderr(String text) {
    byte[] bytes =
        text.getBytes(System.err == null ? StandardCharsets.UTF_8 : System.err.charset());
    System.err.write(bytes, 0, bytes.length);
    System.err.flush();
  }

  private record StderrSink(int level, boolean toStderr) implements Sink {
    @Override
    public void write(int level, String message) {
      if (toStderr) {
        String name = nameOf(level);
        Log.toStderr(format(name == null ? Integer.toString(level) : name, message));
      }
    }
  }
}
