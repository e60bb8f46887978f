package multiprocessing.manager;

import java.io.Serial;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.Date;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/** A condition in the server. */
@SuppressWarnings({"WaitNotInLoop", "JavaUtilDate"}) // waiting is what it is for; so is the date
final class ServedCondition implements ManagedCondition, Served, Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private static final long NANOS_PER_MILLI = 1_000_000;

  private final transient ServedLock lock;

  /** Those who wait and are not signalled, the longest first; guarded by the lock's monitor. */
  private final transient Deque<Object> waiters = new ArrayDeque<>();

  ServedCondition(ServedLock lock) {
    this.lock = lock;
  }

  @Override
  public Class<?> face() {
    return ManagedCondition.class;
  }

  @Serial
  private Object writeReplace() {
    return Reference.of(this);
  }

  @Override
  public void lock() {
    lock.lock();
  }

  @Override
  public void unlock() {
    lock.unlock();
  }

  private boolean await(Remaining time) throws InterruptedException {
    Object me = new Object();
    synchronized (lock) {
      waiters.addLast(me);
      try {
        return lock.await(() -> !waiters.contains(me), time);
      } finally {
        waiters.remove(me);
      }
    }
  }

  @Override
  public void await() throws InterruptedException {
    boolean _ = await(Remaining.forever());
  }

  @Override
  public void awaitUninterruptibly() {
    try {
      await();
    } catch (InterruptedException e) {
      throw new IllegalStateException("the client has gone", e);
    }
  }

  @Override
  public long awaitNanos(long nanos) throws InterruptedException {
    Remaining time = Remaining.ofNanos(nanos);
    boolean signalled = await(time);
    return signalled ? Math.max(1, time.nanos()) : Math.min(0, time.nanos());
  }

  @Override
  public boolean await(long time, TimeUnit unit) throws InterruptedException {
    return await(Remaining.ofNanos(unit.toNanos(time)));
  }

  @Override
  public boolean awaitUntil(Date deadline) throws InterruptedException {
    long millis = deadline.getTime() - System.currentTimeMillis();
    return await(Remaining.ofNanos(millis * NANOS_PER_MILLI));
  }

  @Override
  public void signal() {
    lock.signal(waiters::pollFirst);
  }

  @Override
  public void signalAll() {
    lock.signal(waiters::clear);
  }

  @Override
  public String toString() {
    return "Condition[" + lock + "]";
  }
}
