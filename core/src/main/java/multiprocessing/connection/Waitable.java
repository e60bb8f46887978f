package multiprocessing.connection;

/**
 * Something that {@link Wait#any} can wait for by a sentinel, such as a process for its end.
 *
 * <p>{@link Connection}s, {@link Listener}s and channels can be waited for without being one.
 */
public interface Waitable {
  /**
   * Returns what becomes ready when that which is waited for happens.
   *
   * @return the same object each time
   * @throws IllegalStateException if there is nothing to wait for yet, or no more
   */
  Sentinel sentinel();
}
