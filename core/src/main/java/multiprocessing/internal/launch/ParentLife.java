package multiprocessing.internal.launch;

import java.util.concurrent.TimeUnit;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.OsException;
import multiprocessing.internal.os.PidFd;
import multiprocessing.internal.os.ProcessControl;

/** Whether the parent of this process lives. */
public final class ParentLife {
  private static final long SLICE_MILLIS = 200; // a poll cannot be interrupted

  private ParentLife() {}

  /** A process without a parent is given to another one, so the pid tells. */
  public static boolean isAlive(long parent) {
    return ProcessControl.parentPid() == parent;
  }

  /** Waits for the end of the parent; gives whether it has ended. */
  public static boolean await(long parent, long nanos) throws InterruptedException {
    int pidfd;
    try {
      pidfd = PidFd.open(parent);
    } catch (OsException e) {
      return true; // there is no process of that pid
    }
    try {
      long deadline = System.nanoTime() + nanos;
      long left = nanos;
      while (isAlive(parent) && left > 0) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(left) + 1;
        Descriptors.await(new int[] {pidfd}, Math.min(millis, SLICE_MILLIS));
        left = nanos == Long.MAX_VALUE ? nanos : deadline - System.nanoTime();
      }
      return !isAlive(parent);
    } finally {
      Descriptors.close(pidfd);
    }
  }
}
