package multiprocessing.manager;

import java.io.Serial;
import java.io.Serializable;
import java.util.concurrent.TimeUnit;
import multiprocessing.error.OwnerDiedException;
import org.jspecify.annotations.Nullable;

/**
 * A lock in the server. Its owner is a thread of a client; the server's own threads stand for
 * those, each for another one from call to call.
 */
final class ServedLock implements ManagedLock, Served, Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private final transient boolean reentrant;
  private transient @Nullable Caller owner;
  private transient int holds;
  private transient long deadOwner;

  ServedLock(boolean reentrant) {
    this.reentrant = reentrant;
  }

  @Override
  public Class<?> face() {
    return ManagedLock.class;
  }

  @Serial
  private Object writeReplace() {
    return Reference.of(this);
  }

  @Override
  public void lock() {
    try {
      lockInterruptibly();
    } catch (InterruptedException e) {
      throw new IllegalStateException("the client has gone", e);
    }
  }

  @Override
  public void lockInterruptibly() throws InterruptedException {
    boolean _ = acquire(Remaining.forever());
  }

  @Override
  public boolean tryLock() {
    try {
      return acquire(Remaining.ofNanos(0));
    } catch (InterruptedException e) {
      throw new IllegalStateException("the client has gone", e);
    }
  }

  @Override
  public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
    return acquire(Remaining.ofNanos(unit.toNanos(time)));
  }

  private synchronized boolean acquire(Remaining time) throws InterruptedException {
    Caller me = Caller.current();
    while (owner != null && !(reentrant && owner.equals(me))) {
      if (!time.await(this)) {
        return false;
      }
    }
    own(me, 1);
    if (deadOwner != 0) {
      throw new OwnerDiedException(deadOwner, "a lock of a manager");
    }
    return true;
  }

  private void own(Caller me, int count) throws InterruptedException {
    if (me.client().isGone()) {
      throw new InterruptedException("the client has gone");
    }
    owner = me;
    holds += count;
  }

  @Override
  public synchronized void unlock() {
    requireHeld();
    if (--holds == 0) {
      owner = null;
      notifyAll();
    }
  }

  private void requireHeld() {
    Caller me = Caller.present();
    if (owner == null) {
      throw new IllegalMonitorStateException("the lock is not locked");
    }
    if (reentrant && !owner.equals(me)) {
      throw new IllegalMonitorStateException(
          "the lock belongs to thread " + owner.thread() + " of process " + owner.client().pid());
    }
  }

  @Override
  public synchronized void recover() {
    requireHeld();
    deadOwner = 0;
  }

  @Override
  public synchronized boolean isLocked() {
    return owner != null;
  }

  @Override
  public ManagedCondition newCondition() {
    return new ServedCondition(this);
  }

  @Override
  public synchronized void clientGone(Caller.Client client) {
    if (owner != null && owner.client() == client) {
      deadOwner = client.pid();
      owner = null;
      holds = 0;
      notifyAll();
    }
  }

  /** Something that is true at some time, with this lock's monitor held. */
  interface Moment {
    boolean hasCome();
  }

  /**
   * Lets the lock go, waits for a moment, and takes the lock again.
   *
   * @return whether the moment has come
   */
  synchronized boolean await(Moment moment, Remaining time) throws InterruptedException {
    requireHeld();
    Caller me = Caller.current();
    int count = holds;
    holds = 0;
    owner = null;
    notifyAll();
    boolean inTime = true;
    InterruptedException interrupt = null;
    while (inTime && interrupt == null && !moment.hasCome()) {
      try {
        inTime = time.await(this);
      } catch (InterruptedException e) {
        interrupt = e;
      }
    }
    while (owner != null) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupt = e;
        if (me.client().isGone()) {
          throw e;
        }
      }
    }
    own(me, count);
    if (interrupt != null && !moment.hasCome()) {
      throw interrupt;
    }
    return moment.hasCome();
  }

  synchronized void signal(Runnable change) {
    requireHeld();
    change.run();
    notifyAll();
  }

  @Override
  public synchronized String toString() {
    return owner == null
        ? "Lock[unlocked]"
        : "Lock[locked by thread " + owner.thread() + " of process " + owner.client().pid() + "]";
  }
}
