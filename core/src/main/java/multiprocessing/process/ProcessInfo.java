package multiprocessing.process;

import java.time.Duration;
import java.util.OptionalLong;
import multiprocessing.connection.Sentinel;
import multiprocessing.connection.Waitable;
import multiprocessing.internal.session.Session;
import org.jspecify.annotations.Nullable;

/** What can be known of a process of this tree: this one, its parent, or a child. */
public interface ProcessInfo extends Waitable {
  /** Returns its name, {@code MainProcess} at the root; for identification only. */
  String name();

  /** Returns its process id; empty before it is started. */
  OptionalLong pid();

  /** Returns whether it ends with its parent. */
  boolean daemon();

  /** Returns whether it runs. */
  boolean isAlive();

  /**
   * Waits until it has ended.
   *
   * @throws InterruptedException if this thread is interrupted
   * @throws IllegalStateException if it is this process, or a child that was not started
   */
  void join() throws InterruptedException;

  /**
   * Waits until it has ended, or a time is over.
   *
   * @param timeout how long at most; zero and less do not wait
   * @return whether it has ended
   * @throws InterruptedException if this thread is interrupted
   * @throws IllegalStateException if it is this process, or a child that was not started
   */
  boolean join(Duration timeout) throws InterruptedException;

  /**
   * Returns what becomes ready when it has ended, for {@link multiprocessing.connection.Wait}.
   *
   * @return the same object each time
   * @throws IllegalStateException if it is this process, or a child that was not started
   */
  @Override
  Sentinel sentinel();

  /** Returns the secret by which this process and it know each other, a copy. */
  default byte[] authKey() {
    return Session.get().authKey();
  }

  /**
   * Returns this process. The counterpart of {@code multiprocessing.current_process()}.
   *
   * <p>In a child that was started from a subclass of {@link ChildProcess} it is the object whose
   * {@code run} is running.
   */
  static ProcessInfo current() {
    return CurrentProcess.get();
  }

  /**
   * Returns the process that started this one; null at the root. The counterpart of {@code
   * multiprocessing.parent_process()}.
   *
   * <p>A process of the system does not outlive its parent. So its {@code join} and its sentinel
   * are of use to children that are threads ({@link StartMethod#IN_PROCESS}); elsewhere whoever
   * waits for them ends before they can tell.
   */
  static @Nullable ProcessInfo parent() {
    return ParentProcess.get();
  }
}
