package multiprocessing.error;

import java.io.Serial;

/**
 * Thrown to those who wait until all tasks of a queue are done, when a process that had taken some
 * died before it said that they were.
 *
 * <p>Nobody else has these tasks: put them again, or do without them, and say so by {@code
 * recover()}. Until then each one who waits is told.
 */
public final class TasksLostException extends ProcessException {
  @Serial private static final long serialVersionUID = 1L;

  private final long consumer;
  private final int lost;

  /**
   * Creates an exception.
   *
   * @param pid a process that died
   * @param tasks how many tasks are lost, with those of other processes that died
   * @param queue the queue, as text
   */
  public TasksLostException(long pid, int tasks, String queue) {
    super(
        "process "
            + pid
            + " died with tasks of "
            + queue
            + " undone; lost in all: "
            + tasks
            + "; put them again or do without them, then call recover()");
    this.consumer = pid;
    this.lost = tasks;
  }

  /**
   * Returns a process that died with tasks undone.
   *
   * @return its process id
   */
  public long pid() {
    return consumer;
  }

  /**
   * Returns how many tasks are lost, since somebody last said {@code recover()}.
   *
   * @return their number
   */
  public int tasks() {
    return lost;
  }
}
