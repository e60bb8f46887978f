package multiprocessing.manager;

import java.io.Serial;
import java.io.Serializable;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** A semaphore in the server. */
final class ServedSemaphore implements ManagedSemaphore, Served, Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private final transient boolean bounded;
  private final transient int initial;
  private transient int permits;
  private final transient Map<Caller.Client, Integer> held = new HashMap<>();

  ServedSemaphore(int permits, boolean bounded) {
    if (permits < 0) {
      throw new IllegalArgumentException("permits: 0 or more, not " + permits);
    }
    this.initial = permits;
    this.permits = permits;
    this.bounded = bounded;
  }

  @Override
  public Class<?> face() {
    return ManagedSemaphore.class;
  }

  @Serial
  private Object writeReplace() {
    return Reference.of(this);
  }

  @Override
  public void acquire() throws InterruptedException {
    boolean _ = acquire(Remaining.forever());
  }

  @Override
  public boolean tryAcquire() {
    try {
      return acquire(Remaining.ofNanos(0));
    } catch (InterruptedException e) {
      throw new IllegalStateException("the client has gone", e);
    }
  }

  @Override
  public boolean tryAcquire(Duration timeout) throws InterruptedException {
    return acquire(Remaining.of(timeout));
  }

  private synchronized boolean acquire(Remaining time) throws InterruptedException {
    Caller.Client client = Caller.current().client();
    while (permits == 0) {
      if (!time.await(this)) {
        return false;
      }
    }
    if (client.isGone()) {
      throw new InterruptedException("the client has gone");
    }
    permits--;
    held.merge(client, 1, Integer::sum);
    return true;
  }

  @Override
  public synchronized void release() {
    Caller me = Caller.present();
    if (bounded && permits >= initial) {
      throw new IllegalStateException(
          "the semaphore was released more often than acquired; it has " + initial + " permits");
    }
    permits++;
    held.computeIfPresent(me.client(), (client, count) -> count == 1 ? null : count - 1);
    notifyAll();
  }

  @Override
  public synchronized int availablePermits() {
    return permits;
  }

  @Override
  public synchronized void clientGone(Caller.Client client) {
    Integer count = held.remove(client);
    if (count != null) {
      permits = bounded ? Math.min(initial, permits + count) : permits + count;
      notifyAll();
    }
  }

  @Override
  public synchronized String toString() {
    return "Semaphore[" + permits + "]";
  }
}
