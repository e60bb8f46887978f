package multiprocessing.logging;

import java.io.Serial;
import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import multiprocessing.internal.relay.LogRelay;

/** A record of the log of a child, as it comes to the handlers of the process that collects. */
public final class ChildRecord extends LogRecord {
  @Serial private static final long serialVersionUID = 1L;

  private final String process;
  private final long pid;
  private final String thread;

  ChildRecord(Level level, LogRelay.Said said) {
    super(level, said.message());
    process = said.process();
    pid = said.pid();
    thread = said.thread();
    setInstant(Instant.ofEpochMilli(said.millis()));
    setLoggerName(Logging.NAME);
    setSourceClassName(Logging.NAME);
    setSourceMethodName("");
  }

  /** Returns the name of the process that said it. */
  public String processName() {
    return process;
  }

  /** Returns the id of the process that said it. */
  public long pid() {
    return pid;
  }

  /** Returns the name of the thread that said it. */
  public String threadName() {
    return thread;
  }
}
