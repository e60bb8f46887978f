package multiprocessing.error;

import java.io.Serial;

/**
 * Thrown to the process that takes over a lock whose holder died.
 *
 * <p>As with robust mutexes, <b>the caller holds the lock</b> when this is thrown. What the lock
 * protects may have been left half changed: check and repair it, say so with {@code recover()}, and
 * unlock as ever. Without {@code recover()} each later holder is told too.
 */
public final class OwnerDiedException extends ProcessException {
  @Serial private static final long serialVersionUID = 1L;

  private final long owner;
  private final String held;

  /**
   * Creates an exception.
   *
   * @param pid the process that died
   * @param held what it held, as text, such as {@code "ProcessLock@3:128"}
   */
  public OwnerDiedException(long pid, String held) {
    super(
        "process "
            + pid
            + " died while it held "
            + held
            + "; this caller holds it now: make sure that what it protects is sound, then call"
            + " recover()");
    this.owner = pid;
    this.held = held;
  }

  /**
   * Returns the process that died.
   *
   * @return its process id
   */
  public long pid() {
    return owner;
  }

  /**
   * Returns what the dead process held.
   *
   * @return a description for people
   */
  public String held() {
    return held;
  }
}
