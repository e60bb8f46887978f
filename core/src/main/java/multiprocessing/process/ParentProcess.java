package multiprocessing.process;

import java.time.Duration;
import java.util.OptionalLong;
import multiprocessing.internal.launch.ParentLife;
import multiprocessing.internal.session.Session;

/** The parent of this process. */
final class ParentProcess implements ProcessInfo {
  private final Session.Parent parent;

  ParentProcess(Session.Parent parent) {
    this.parent = parent;
  }

  @Override
  public String name() {
    return parent.name();
  }

  @Override
  public OptionalLong pid() {
    return OptionalLong.of(parent.pid());
  }

  @Override
  public boolean daemon() {
    return false; // a daemon has no children, and this process is one
  }

  @Override
  public boolean isAlive() {
    Session session = parent.session();
    return session == null ? ParentLife.isAlive(parent.pid()) : !session.hasEnded();
  }

  @Override
  public void join() throws InterruptedException {
    while (!await(Long.MAX_VALUE)) {
      // for ever is longer than that
    }
  }

  @Override
  public boolean join(Duration timeout) throws InterruptedException {
    return await(Times.nanos(timeout));
  }

  private boolean await(long nanos) throws InterruptedException {
    Session session = parent.session();
    return session == null ? ParentLife.await(parent.pid(), nanos) : session.awaitEnd(nanos);
  }

  @Override
  public String toString() {
    return "<ParentProcess name='" + name() + "' pid=" + parent.pid() + ">";
  }
}
