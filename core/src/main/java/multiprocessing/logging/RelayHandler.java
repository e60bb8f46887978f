package multiprocessing.logging;

import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import multiprocessing.internal.session.Log;

/** Sends what a child says through the logger to the process that collects. */
final class RelayHandler extends Handler {
  private final Log.Sink relay;
  private final Formatter formatter = new SimpleFormatter();

  RelayHandler(Log.Sink relay) {
    this.relay = relay;
  }

  @Override
  public void publish(LogRecord record) {
    if (isLoggable(record)) {
      String message = formatter.formatMessage(record);
      Throwable thrown = record.getThrown();
      relay.write(
          record.getLevel().intValue(),
          thrown == null
              ? message
              : message + System.lineSeparator() + StderrHandler.trace(thrown));
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
