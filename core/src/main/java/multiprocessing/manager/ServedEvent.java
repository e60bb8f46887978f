package multiprocessing.manager;

import java.io.Serial;
import java.io.Serializable;
import java.time.Duration;

/** A flag in the server. */
final class ServedEvent implements ManagedEvent, Served, Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private transient boolean flag;

  @Override
  public Class<?> face() {
    return ManagedEvent.class;
  }

  @Serial
  private Object writeReplace() {
    return Reference.of(this);
  }

  @Override
  public synchronized void set() {
    flag = true;
    notifyAll();
  }

  @Override
  public synchronized void clear() {
    flag = false;
  }

  @Override
  public synchronized boolean isSet() {
    return flag;
  }

  @Override
  public void await() throws InterruptedException {
    boolean _ = await(Remaining.forever());
  }

  @Override
  public boolean await(Duration timeout) throws InterruptedException {
    return await(Remaining.of(timeout));
  }

  private synchronized boolean await(Remaining time) throws InterruptedException {
    boolean inTime = true;
    while (inTime && !flag) {
      inTime = time.await(this);
    }
    return flag;
  }

  @Override
  public synchronized String toString() {
    return "Event[" + (flag ? "set" : "not set") + "]";
  }
}
