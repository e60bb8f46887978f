package multiprocessing.process;

import java.time.Duration;
import java.util.OptionalLong;
import multiprocessing.connection.Sentinel;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.session.SessionLocal;

/** This process, as seen from within. */
final class CurrentProcess implements ProcessInfo {
  private static final SessionLocal<ProcessInfo> CURRENT = new SessionLocal<>(CurrentProcess::new);

  private CurrentProcess() {}

  static ProcessInfo get() {
    return CURRENT.get();
  }

  /** Says that this process runs a subclass's object. */
  static void become(ChildProcess self) {
    CURRENT.set(self);
  }

  @Override
  public String name() {
    return Session.get().name();
  }

  @Override
  public OptionalLong pid() {
    return OptionalLong.of(Session.get().pid());
  }

  @Override
  public boolean daemon() {
    return Session.get().isDaemon();
  }

  @Override
  public boolean isAlive() {
    return true;
  }

  @Override
  public void join() {
    throw new IllegalStateException("a process cannot wait for its own end");
  }

  @Override
  public boolean join(Duration timeout) {
    throw new IllegalStateException("a process cannot wait for its own end");
  }

  @Override
  public Sentinel sentinel() {
    throw new IllegalStateException("a process cannot wait for its own end");
  }

  @Override
  public String toString() {
    return "<Process name='" + name() + "' pid=" + pid().getAsLong() + " started>";
  }
}
