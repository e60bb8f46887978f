package multiprocessing.internal.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import multiprocessing.internal.os.Descriptors;

/**
 * Waits until a descriptor is ready, and notices that the thread was interrupted or the descriptor
 * closed meanwhile.
 *
 * <p>A platform thread sleeps in the kernel, a slice of time after the other; a virtual one has the
 * {@link Poller} wake it.
 */
public final class Readiness {
  /** How long a platform thread sleeps before it looks whether it is still to sleep. */
  public static final long SLICE_MILLIS = 50;

  private static final long NANOS_PER_MILLI = 1_000_000;

  private Readiness() {}

  /**
   * Waits for a descriptor for at most a slice of time, or until it is closed or the thread is
   * interrupted: the caller loops.
   *
   * @param lease that the caller has entered
   * @param events what for, of {@link Descriptors}
   * @param nanos how long at most
   */
  public static void await(Lease lease, short events, long nanos) {
    if (Thread.currentThread().isVirtual()) {
      Thread waiter = Thread.currentThread();
      Runnable wake = () -> LockSupport.unpark(waiter);
      try (Watching watching = new Watching(wake)) {
        watching.add(lease, events);
        LockSupport.parkNanos(lease, nanos);
      }
    } else {
      Descriptors.await(
          new int[] {lease.descriptor()}, new short[] {events}, millis(nanos, SLICE_MILLIS));
    }
  }

  /** In whole milliseconds, rounded up, and no more than some. */
  public static long millis(long nanos, long most) {
    return nanos >= most * NANOS_PER_MILLI
        ? most
        : Math.max(0, (nanos + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
  }

  /** The watches of one wait, which end together. */
  public static final class Watching implements AutoCloseable {
    private final Runnable wake;
    private final List<Lease> leases = new ArrayList<>();
    private final List<Runnable> atClose = new ArrayList<>();
    private final List<Poller.Watch> watches = new ArrayList<>();

    /**
     * Watches of nothing yet.
     *
     * @param wake runs when one of the descriptors becomes ready or is closed
     */
    public Watching(Runnable wake) {
      this.wake = wake;
    }

    /** Watches a descriptor that the caller uses until this is closed. */
    public void add(Lease lease, short events) {
      leases.add(lease);
      lease.addAlarm(wake);
      watches.add(Poller.get().watch(lease.descriptor(), events, wake));
    }

    /** Has an action run when this is closed. */
    public void whenClosed(Runnable action) {
      atClose.add(action);
    }

    @Override
    public void close() {
      atClose.forEach(Runnable::run);
      watches.forEach(Poller.get()::cancel);
      leases.forEach(lease -> lease.removeAlarm(wake));
    }
  }
}
