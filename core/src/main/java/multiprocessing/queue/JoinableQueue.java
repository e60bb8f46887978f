package multiprocessing.queue;

import java.io.InvalidObjectException;
import java.io.Serial;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import multiprocessing.error.TasksLostException;
import multiprocessing.internal.shm.RecordQueue;
import multiprocessing.internal.shm.SentBlock;
import multiprocessing.internal.shm.SharedBlock;

/**
 * A queue of tasks between processes, which can be waited for until all tasks are done. The
 * counterpart of {@code multiprocessing.JoinableQueue}.
 *
 * <p>Whoever takes an element says {@link #taskDone()} when it is done with it; {@link #join()}
 * waits until the queue is empty and nobody is at work on what was taken. Elements that are removed
 * instead ({@code clear}, {@code remove(element)}, an immediate {@link #shutdown(boolean)
 * shutdown}) need no {@code taskDone}, nor does one whose {@code take} fails because it cannot be
 * decoded.
 *
 * <p>
 *
 * {@snippet :
 * JoinableQueue<Task> tasks = Multiprocessing.joinableQueue();
 * // in each consumer
 * while (true) {
 *   Task task = tasks.take();
 *   task.run();
 *   tasks.taskDone();
 * }
 * // in the producer
 * tasks.put(task);
 * tasks.join();
 * }
 *
 * <h2>Sharing</h2>
 *
 * As with {@link ProcessQueue}.
 *
 * <h2>Memory effects</h2>
 *
 * As with {@link ProcessQueue}; and what a process did to shared memory before {@code taskDone()}
 * is visible to whoever returns from {@code join()} because of it.
 *
 * <h2>If a process dies</h2>
 *
 * As with {@link ProcessQueue}; and the tasks that a process has taken and not said to be done when
 * it ends, in whatever way, are lost. All who {@code join()} are told within a tenth of a second,
 * by a {@link TasksLostException} that says how many tasks are lost, until somebody says {@link
 * #recover()}. So {@code join()} never waits for the dead. What it does wait for is that somebody
 * takes what is in the queue; where all consumers may be gone, use {@link #join(Duration)}, or have
 * their parent shut the queue down: {@code consumer.onExit().thenRun(() -> tasks.shutdown(true))}.
 * Tasks belong to the process that took them; if another process says that they are done, which is
 * possible, it cannot be told exactly how many a dead one has lost.
 *
 * <h2>Cost</h2>
 *
 * As with {@link ProcessQueue}; taking an element and saying that it is done cost some hundred
 * nanoseconds more each. Up to 119 processes may have tasks undone at a time; what others take is
 * waited for, but not known to be theirs when they die.
 *
 * @param <E> what it holds; anything that can be serialized
 */
public final class JoinableQueue<E> extends ProcessQueue<E> {
  @Serial private static final long serialVersionUID = 1L;

  /** Creates a queue without bound. */
  public JoinableQueue() {
    this(RecordQueue.createJoinable(0));
  }

  /**
   * Creates a queue.
   *
   * @param capacity the most elements it holds
   * @throws IllegalArgumentException if that is less than 1, or more than 134,217,727
   */
  public JoinableQueue(int capacity) {
    this(RecordQueue.createJoinable(checkCapacity(capacity)));
  }

  private JoinableQueue(RecordQueue records) {
    super(records);
  }

  /**
   * Says that a task that was taken is done.
   *
   * @throws IllegalStateException if there is no task that was taken and is not done
   */
  public void taskDone() {
    if (!records().taskDone()) {
      throw new IllegalStateException(
          "taskDone() was called more often than tasks were taken from " + this);
    }
  }

  @Override
  void undecodable() {
    boolean _ = records().taskDone();
  }

  /**
   * Waits until all tasks are taken and done; returns at once if they are.
   *
   * @throws TasksLostException if a process died with tasks undone, now or since the last {@link
   *     #recover()}
   * @throws InterruptedException if the thread is interrupted, which a waiter notices within 50 ms
   */
  public void join() throws InterruptedException {
    boolean _ = join(Long.MAX_VALUE);
  }

  /**
   * Waits until all tasks are taken and done, for so long at most. A time of zero or less does not
   * wait.
   *
   * @param timeout how long
   * @return false if the time ran out
   * @throws TasksLostException if a process died with tasks undone, now or since the last {@link
   *     #recover()}
   * @throws InterruptedException if the thread is interrupted, which a waiter notices within 50 ms
   */
  public boolean join(Duration timeout) throws InterruptedException {
    return join(Math.max(0, TimeUnit.NANOSECONDS.convert(timeout)));
  }

  private boolean join(long nanos) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    try {
      return records().join(nanos);
    } catch (RecordQueue.LossException e) {
      throw new TasksLostException(e.pid(), e.records(), toString());
    }
  }

  /**
   * Says that the loss of tasks with processes that died is dealt with: {@code join()} waits for
   * the others from now on.
   *
   * @return how many tasks were lost, since this was last said
   */
  public int recover() {
    return records().forgetLost();
  }

  /** Returns how many tasks are in the queue, or taken by a process that lives and not done. */
  public int unfinishedTasks() {
    return records().unfinished();
  }

  @Override
  String name() {
    return "JoinableQueue";
  }

  @Serial
  @Override
  Object writeReplace() {
    return new Sent(records().block());
  }

  /** What travels. */
  private static final class Sent extends SentBlock {
    @Serial private static final long serialVersionUID = 1L;

    Sent(SharedBlock block) {
      super(block);
    }

    @Serial
    private Object readResolve() throws InvalidObjectException {
      return new JoinableQueue<>(RecordQueue.joinableAt(arrive()));
    }
  }
}
