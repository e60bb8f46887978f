package multiprocessing.logging;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import multiprocessing.internal.relay.LogRelay;
import multiprocessing.internal.session.ExitOrder;
import multiprocessing.internal.session.Log;
import org.jspecify.annotations.Nullable;

/**
 * The library's logger. The counterpart of {@code multiprocessing.get_logger} and {@code
 * log_to_stderr}.
 *
 * <p>It is called {@value #NAME}, says nothing until its level is set, has no handler of its own,
 * and does not pass on what it says to the handlers of the root logger. Children begin with the
 * level that this process has when it starts them, and write to standard error if this process
 * does.
 */
public final class Logging {
  /** The name of the logger. */
  public static final String NAME = "multiprocessing";

  private static @Nullable Logger logger;
  private static @Nullable Collector collector;

  private Logging() {}

  /** Returns the library's logger. */
  public static synchronized Logger logger() {
    Logger known = logger;
    if (known != null) {
      if (Log.sink() instanceof LogRelay relay) {
        relay(known, relay);
      }
      return known;
    }
    Log.Sink inherited = Log.sink();
    LogManager manager = LogManager.getLogManager();
    manager.addLogger(new PackageLogger()); // does nothing if there is one of that name
    Logger made = Logger.getLogger(NAME);
    made.setUseParentHandlers(false);
    if (made.getLevel() == null) {
      made.setLevel(levelOf(inherited.level()));
    }
    logger = made;
    Log.setSink(new LoggerSink(made));
    if (!Log.relay().isEmpty()) {
      made.addHandler(new RelayHandler(inherited)); // this is a child of one that collects
    } else if (inherited.toStderr()) {
      made.addHandler(new StderrHandler());
    }
    ExitOrder.install();
    return made;
  }

  /** This process is a fork of one that collects: the handlers are copies of what is there. */
  private static void relay(Logger target, LogRelay relay) {
    for (Handler copy : target.getHandlers()) {
      target.removeHandler(copy);
    }
    target.addHandler(new RelayHandler(relay));
    Log.setSink(new LoggerSink(target));
  }

  /** Lets the logger write to standard error, as {@code [INFO/Process-1] message}. */
  public static synchronized Logger logToStderr() {
    Logger target = logger();
    if (!hasStderrHandler(target)) {
      target.addHandler(new StderrHandler());
    }
    return target;
  }

  /**
   * Lets the logger write to standard error, as {@code [INFO/Process-1] message}.
   *
   * @param level the lowest level to write, such as {@link LogLevel#DEBUG}
   * @return the logger
   */
  public static Logger logToStderr(Level level) {
    Logger target = logToStderr();
    target.setLevel(level);
    return target;
  }

  static Level levelOf(int value) {
    Level level = LogLevel.of(value);
    return value == Log.OFF || level != Level.OFF ? level : Level.parse(Integer.toString(value));
  }

  /**
   * Lets the children that are started from now on, and theirs, send what they say to the handlers
   * of this process's logger, as {@link ChildRecord}s, instead of writing it by themselves. What a
   * child said before it ended, in whatever way, arrives.
   *
   * @param collect whether they do; if not, children that are started from now on write by
   *     themselves again, and what the others say is lost
   * @return the logger
   */
  public static synchronized Logger collectFromChildren(boolean collect) {
    Logger target = logger();
    if (collect && collector == null) {
      collector = Collector.start(target);
    } else if (!collect && collector != null) {
      collector.end();
      collector = null;
    }
    return target;
  }

  private static boolean hasStderrHandler(Logger target) {
    for (Handler handler : target.getHandlers()) {
      if (handler instanceof StderrHandler) {
        return true;
      }
    }
    return false;
  }

  /** Takes what the library says to the logger. */
  private record LoggerSink(Logger target) implements Log.Sink {
    @Override
    public int level() {
      for (Logger each = target; each != null; each = each.getParent()) {
        Level level = each.getLevel();
        if (level != null) {
          return level.intValue();
        }
      }
      return Log.INFO;
    }

    @Override
    public boolean toStderr() {
      return hasStderrHandler(target);
    }

    @Override
    public void write(int level, String message) {
      LogRecord record = new LogRecord(LogLevel.of(level), message);
      record.setLoggerName(NAME);
      record.setSourceClassName(NAME);
      record.setSourceMethodName("");
      target.log(record);
    }
  }

  /**
   * Keeps its level and its handlers until the process has ended: at the exit of the virtual
   * machine the log manager takes them away from every logger, and our last words come after that.
   */
  private static final class PackageLogger extends Logger {
    PackageLogger() {
      super(NAME, null);
    }

    @Override
    public void setLevel(@Nullable Level level) {
      if (!isReset()) {
        super.setLevel(level);
      }
    }

    @Override
    public void removeHandler(@Nullable Handler handler) {
      if (!isReset()) {
        super.removeHandler(handler);
      }
    }

    private static boolean isReset() {
      return Thread.currentThread()
          .getClass()
          .getName()
          .equals("java.util.logging.LogManager$Cleaner");
    }
  }
}
