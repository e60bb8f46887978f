package multiprocessing;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import multiprocessing.pool.ProcessPool;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.ProcessInfo;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.process.StartMethod;
import multiprocessing.queue.ProcessQueue;
import multiprocessing.sync.ProcessLock;
import multiprocessing.sync.ProcessSemaphore;
import org.jspecify.annotations.Nullable;

/**
 * The functions of {@link Multiprocessing} for one start method. The counterpart of what {@code
 * multiprocessing.get_context} returns.
 */
public final class Context {
  private final StartMethod method;

  Context(StartMethod method) {
    this.method = method;
  }

  // Processes

  /** Returns a builder for a child process that is started by this context's method. */
  public ChildProcess.Builder process() {
    return ChildProcess.builder().startMethod(method);
  }

  /**
   * Creates a child process that is started by this context's method.
   *
   * @param task what it will run; it is sent to the child with what it captures
   * @return a child that is not started yet
   */
  public ChildProcess process(SerializableRunnable task) {
    return process().target(task).build();
  }

  /** Returns the children of this process that run, whatever started them. */
  public List<ChildProcess> activeChildren() {
    return Multiprocessing.activeChildren();
  }

  /** Returns this process. */
  public ProcessInfo currentProcess() {
    return Multiprocessing.currentProcess();
  }

  /** Returns the process that started this one; null at the root. */
  public @Nullable ProcessInfo parentProcess() {
    return Multiprocessing.parentProcess();
  }

  /** Returns how many processors this process may use. */
  public int cpuCount() {
    return Multiprocessing.cpuCount();
  }

  /** Returns this context's start method. */
  public StartMethod startMethod() {
    return method;
  }

  /** Returns the start methods that work here, the default first. */
  public List<StartMethod> startMethods() {
    return Multiprocessing.startMethods();
  }

  /**
   * Names classes that the fork server loads and initializes once, before it forks children. More
   * is to be set at {@link multiprocessing.process.ForkServers}.
   *
   * @param classNames their names, which replace those named before
   * @throws IllegalArgumentException if one of them cannot be found
   */
  public void setForkServerPreload(String... classNames) {
    Multiprocessing.setForkServerPreload(classNames);
  }

  /**
   * Adds handlers that run around each fork of this process; see {@link
   * multiprocessing.process.ForkHandlers}.
   *
   * @param before runs before, in the thread that forks; null for nothing
   * @param inParent runs in the parent afterwards; null for nothing
   * @param inChild runs in the child before its task; null for nothing
   */
  public void onFork(
      @Nullable Runnable before, @Nullable Runnable inParent, @Nullable Runnable inChild) {
    Multiprocessing.onFork(before, inParent, inChild);
  }

  // Pools

  /** Returns a pool with as many workers as this process may use processors; it is started. */
  public ProcessPool pool() {
    return poolBuilder().build();
  }

  /**
   * Returns a pool; it is started.
   *
   * @param processes how many workers it has
   * @return the pool
   * @throws IllegalArgumentException if that is less than 1
   */
  public ProcessPool pool(int processes) {
    return poolBuilder().processes(processes).build();
  }

  /** Returns a builder of a pool. */
  public ProcessPool.Builder poolBuilder() {
    return ProcessPool.builder().startMethod(method);
  }

  // Queues

  /**
   * Returns a queue without bound.
   *
   * @param <E> what it holds
   * @return the queue
   */
  public <E> ProcessQueue<E> queue() {
    return new ProcessQueue<>();
  }

  /**
   * Returns a queue.
   *
   * @param <E> what it holds
   * @param capacity the most elements it holds
   * @return the queue
   * @throws IllegalArgumentException if that is less than 1
   */
  public <E> ProcessQueue<E> queue(int capacity) {
    return new ProcessQueue<>(capacity);
  }

  // Synchronization

  /** Returns a lock that nobody holds. */
  public ProcessLock lock() {
    return new ProcessLock();
  }

  /**
   * Returns a semaphore.
   *
   * @param permits how many permits it has at first
   * @return the semaphore
   * @throws IllegalArgumentException if that is negative
   */
  public ProcessSemaphore semaphore(int permits) {
    return new ProcessSemaphore(permits);
  }

  // Logging

  /** Returns the library's logger. */
  public Logger logger() {
    return Multiprocessing.logger();
  }

  /** Lets the library's logger write to standard error, here and in children. */
  public Logger logToStderr() {
    return Multiprocessing.logToStderr();
  }

  /**
   * Lets the library's logger write to standard error, here and in children.
   *
   * @param level the lowest level to write
   * @return the logger
   */
  public Logger logToStderr(Level level) {
    return Multiprocessing.logToStderr(level);
  }

  @Override
  public String toString() {
    return "Context[" + method + "]";
  }
}
