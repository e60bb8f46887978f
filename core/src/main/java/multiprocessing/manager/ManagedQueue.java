package multiprocessing.manager;

import java.util.Collection;
import java.util.concurrent.BlockingQueue;

/**
 * A queue in the server of a {@link Manager}. The counterpart of what {@code SyncManager.Queue()}
 * and {@code SyncManager.JoinableQueue()} return.
 *
 * <p>Each call is one round trip. An element that a process was about to take when it was killed
 * may be gone with it.
 *
 * @param <E> what it holds; not null
 */
public interface ManagedQueue<E> extends BlockingQueue<E> {
  /**
   * Says that an element that was taken has been dealt with.
   *
   * @throws IllegalStateException if that was said of all that were put
   */
  void taskDone();

  /**
   * Waits until {@link #taskDone} was called for each element that was put.
   *
   * @throws InterruptedException if the thread is interrupted
   */
  void join() throws InterruptedException;

  /**
   * Takes what is there, in one round trip.
   *
   * @param most how many elements at most
   * @return the elements, in their order
   */
  Collection<E> takeAvailable(int most);
}
