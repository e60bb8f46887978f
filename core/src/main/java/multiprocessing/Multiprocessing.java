package multiprocessing;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import multiprocessing.logging.Logging;
import multiprocessing.pool.ProcessPool;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.ForkHandlers;
import multiprocessing.process.ForkServers;
import multiprocessing.process.ProcessInfo;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.process.StartMethod;
import multiprocessing.queue.ProcessQueue;
import multiprocessing.sync.ProcessLock;
import multiprocessing.sync.ProcessSemaphore;
import org.jspecify.annotations.Nullable;

/**
 * Processes where Java has threads. The counterpart of Python's module {@code multiprocessing}: its
 * functions are static methods here, over the default start method.
 *
 * {@snippet :
 * ChildProcess child = Multiprocessing.process(() -> System.out.println("from the child"));
 * child.start();
 * child.join();
 * }
 */
public final class Multiprocessing {
  private Multiprocessing() {}

  // Processes

  /** Returns a builder for a child process. */
  public static ChildProcess.Builder process() {
    return ChildProcess.builder();
  }

  /**
   * Creates a child process.
   *
   * @param task what it will run; it is sent to the child with what it captures
   * @return a child that is not started yet
   */
  public static ChildProcess process(SerializableRunnable task) {
    return ChildProcess.of(task);
  }

  /** Returns the children of this process that run. */
  public static List<ChildProcess> activeChildren() {
    return ChildProcess.active();
  }

  /** Returns this process. */
  public static ProcessInfo currentProcess() {
    return ProcessInfo.current();
  }

  /** Returns the process that started this one; null at the root. */
  public static @Nullable ProcessInfo parentProcess() {
    return ProcessInfo.parent();
  }

  /** Returns how many processors this process may use, by its affinity and its control group. */
  public static int cpuCount() {
    return Runtime.getRuntime().availableProcessors();
  }

  // Start methods

  /** Returns the context of the default start method, which can no longer be chosen then. */
  public static Context context() {
    return new Context(StartMethod.current());
  }

  /**
   * Returns the context of a start method.
   *
   * @param method the method
   * @throws UnsupportedOperationException if it does not work here
   */
  public static Context context(StartMethod method) {
    return new Context(method.requireSupported());
  }

  /** Returns the start methods that work here, the default first. */
  public static List<StartMethod> startMethods() {
    return StartMethod.supported();
  }

  /** Returns the default start method of this process, which can no longer be chosen then. */
  public static StartMethod startMethod() {
    return StartMethod.current();
  }

  /**
   * Chooses the default start method, once, before it is used.
   *
   * @param method the method
   * @throws IllegalStateException if it was chosen or used before
   * @throws UnsupportedOperationException if the method does not work here
   */
  public static void setStartMethod(StartMethod method) {
    StartMethod.choose(method, false);
  }

  /**
   * Chooses the default start method.
   *
   * @param method the method
   * @param force whether to choose again where it was chosen or used before
   * @throws IllegalStateException if it was chosen or used before and {@code force} is not given
   * @throws UnsupportedOperationException if the method does not work here
   */
  public static void setStartMethod(StartMethod method, boolean force) {
    StartMethod.choose(method, force);
  }

  /**
   * Names classes that the fork server loads and initializes once, before it forks children. More
   * is to be set at {@link multiprocessing.process.ForkServers}.
   *
   * @param classNames their names, which replace those named before
   * @throws IllegalArgumentException if one of them cannot be found
   */
  public static void setForkServerPreload(String... classNames) {
    ForkServers.preload(classNames);
  }

  /**
   * Adds handlers that run around each fork of this process; see {@link
   * multiprocessing.process.ForkHandlers}.
   *
   * @param before runs before, in the thread that forks; null for nothing
   * @param inParent runs in the parent afterwards; null for nothing
   * @param inChild runs in the child before its task; null for nothing
   */
  public static void onFork(
      @Nullable Runnable before, @Nullable Runnable inParent, @Nullable Runnable inChild) {
    ForkHandlers.add(before, inParent, inChild);
  }

  // Pools

  /** Returns a pool with as many workers as this process may use processors; it is started. */
  public static ProcessPool pool() {
    return poolBuilder().build();
  }

  /**
   * Returns a pool; it is started.
   *
   * @param processes how many workers it has
   * @return the pool
   * @throws IllegalArgumentException if that is less than 1
   */
  public static ProcessPool pool(int processes) {
    return poolBuilder().processes(processes).build();
  }

  /** Returns a builder of a pool. */
  public static ProcessPool.Builder poolBuilder() {
    return ProcessPool.builder();
  }

  // Queues

  /**
   * Returns a queue without bound.
   *
   * @param <E> what it holds
   * @return the queue
   */
  public static <E> ProcessQueue<E> queue() {
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
  public static <E> ProcessQueue<E> queue(int capacity) {
    return new ProcessQueue<>(capacity);
  }

  // Synchronization

  /** Returns a lock that nobody holds. */
  public static ProcessLock lock() {
    return new ProcessLock();
  }

  /**
   * Returns a semaphore.
   *
   * @param permits how many permits it has at first
   * @return the semaphore
   * @throws IllegalArgumentException if that is negative
   */
  public static ProcessSemaphore semaphore(int permits) {
    return new ProcessSemaphore(permits);
  }

  // Logging

  /** Returns the library's logger, which says nothing until its level is set. */
  public static Logger logger() {
    return Logging.logger();
  }

  /** Lets the library's logger write to standard error, here and in children. */
  public static Logger logToStderr() {
    return Logging.logToStderr();
  }

  /**
   * Lets the library's logger write to standard error, here and in children.
   *
   * @param level the lowest level to write
   * @return the logger
   */
  public static Logger logToStderr(Level level) {
    return Logging.logToStderr(level);
  }
}
