package multiprocessing.logging;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import multiprocessing.internal.session.Log;

/** Writes each record to standard error at once, under the name of this process. */
final class StderrHandler extends Handler {
  StderrHandler() {
    setFormatter(new ProcessFormatter());
  }

  @Override
  public void publish(LogRecord record) {
    if (isLoggable(record)) {
      Log.toStderr(getFormatter().format(record));
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}

  private static final class ProcessFormatter extends Formatter {
    @Override
    public String format(LogRecord record) {
      String level = LogLevel.nameOf(record.getLevel());
      String line =
          record instanceof ChildRecord child
              ? Log.format(level, child.processName(), formatMessage(record))
              : Log.format(level, formatMessage(record));
      Throwable thrown = record.getThrown();
      if (thrown == null) {
        return line;
      }
      return line + trace(thrown);
    }
  }

  static String trace(Throwable thrown) {
    StringWriter trace = new StringWriter();
    thrown.printStackTrace(new PrintWriter(trace, true));
    return trace.toString();
  }
}
