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
    return ParentLife.isAlive(parent.pid());
  }

  @Override
  public void join() throws InterruptedException {
    ParentLife.await(parent.pid(), Long.MAX_VALUE);
  }

  @Override
  public boolean join(Duration timeout) throws InterruptedException {
    return ParentLife.await(parent.pid(), Times.nanos(timeout));
  }

  @Override
  public String toString() {
    return "<ParentProcess name='" + name() + "' pid=" + parent.pid() + ">";
  }
}
