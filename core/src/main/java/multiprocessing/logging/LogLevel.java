package multiprocessing.logging;

import java.io.Serial;
import java.util.logging.Level;
import multiprocessing.internal.session.Log;

/**
 * Python's log levels as levels of {@code java.util.logging}. Where the JDK has a level for it,
 * that is it: {@code DEBUG} is {@link Level#FINE}, {@code ERROR} is {@link Level#SEVERE}.
 */
public final class LogLevel extends Level {
  @Serial private static final long serialVersionUID = 1L;

  /** Everything: between {@link Level#FINER} and nothing. Python's {@code SUBDEBUG}. */
  public static final Level SUBDEBUG = new LogLevel("SUBDEBUG", Log.SUBDEBUG);

  /** How things are done. Python's {@code DEBUG}. */
  public static final Level DEBUG = Level.FINE;

  /** What happens. Python's {@code INFO}. */
  public static final Level INFO = Level.INFO;

  /** What may be wrong. Python's {@code SUBWARNING}. */
  public static final Level SUBWARNING = new LogLevel("SUBWARNING", Log.SUBWARNING);

  /** What is wrong, though it goes on. Python's {@code WARNING}. */
  public static final Level WARNING = Level.WARNING;

  /** What is wrong. Python's {@code ERROR}. */
  public static final Level ERROR = Level.SEVERE;

  private LogLevel(String name, int value) {
    super(name, value);
  }

  /** Returns Python's name for a level, or the level's own where Python has none. */
  static String nameOf(Level level) {
    String name = Log.nameOf(level.intValue());
    return name == null ? level.getName() : name;
  }

  /** Returns the level of a number of {@link Log}. */
  static Level of(int value) {
    return switch (value) {
      case Log.SUBDEBUG -> SUBDEBUG;
      case Log.DEBUG -> DEBUG;
      case Log.INFO -> INFO;
      case Log.SUBWARNING -> SUBWARNING;
      case Log.WARNING -> WARNING;
      case Log.ERROR -> ERROR;
      default -> Level.OFF;
    };
  }
}
