package multiprocessing.internal.wire;

import java.util.LinkedHashSet;
import java.util.Set;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.ProcessControl;

/**
 * A descriptor that several threads use and any of them may close.
 *
 * <p>The number is given back to the system when the last thread has left that was using it when it
 * was closed, so that none of them ever acts on a descriptor which has got another meaning. Those
 * that wait are told by {@link #isClosed} within a slice of time, virtual threads at once.
 */
public final class Lease {
  private final int descriptor;
  private final long process = ProcessControl.pid();
  private final Set<Runnable> alarms = new LinkedHashSet<>();
  private int users;
  private volatile boolean closed;

  /** The descriptor belongs to this object from now on. */
  public Lease(int descriptor) {
    this.descriptor = descriptor;
  }

  /** The number; to be used between {@link #enter} and {@link #leave}. */
  public int descriptor() {
    return descriptor;
  }

  /** Begins to use it; false if it is closed. */
  public synchronized boolean enter() {
    if (closed) {
      return false;
    }
    users++;
    return true;
  }

  /** Ends what a successful {@link #enter} began. */
  public synchronized void leave() {
    users--;
    if (closed && users == 0) {
      Descriptors.close(descriptor);
    }
  }

  public boolean isClosed() {
    return closed;
  }

  /** Has an action run when it is closed; to be taken back by {@link #removeAlarm}. */
  synchronized void addAlarm(Runnable action) {
    alarms.add(action);
    if (closed) {
      action.run();
    }
  }

  synchronized void removeAlarm(Runnable action) {
    alarms.remove(action);
  }

  /** Closes it; gives false if it was closed before. */
  public synchronized boolean close() {
    if (closed) {
      return false;
    }
    closed = true;
    // Threads that were using it in a process of which this one is a fork are not here.
    if (users == 0 || process != ProcessControl.pid()) {
      users = 0;
      Descriptors.close(descriptor);
    }
    alarms.forEach(Runnable::run);
    return true;
  }
}
