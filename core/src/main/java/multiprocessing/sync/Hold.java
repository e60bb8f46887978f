package multiprocessing.sync;

/**
 * Something that is held until this is closed: the counterpart of Python's {@code with lock:}.
 *
 * <p>
 *
 * {@snippet :
 * try (Hold _ = lock.hold()) {
 *   // one process at a time
 * }
 * }
 *
 * Closing it again does nothing. It belongs to the process, and for a reentrant lock to the thread,
 * that made it: it does not travel.
 */
public interface Hold extends AutoCloseable {
  /** Lets go of what is held; does nothing if that was done before. */
  @Override
  void close();
}
