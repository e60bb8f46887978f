package multiprocessing;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import multiprocessing.call.IsolatedCall;
import multiprocessing.call.Limits;
import multiprocessing.connection.Pipe;
import multiprocessing.logging.Logging;
import multiprocessing.manager.Manager;
import multiprocessing.memory.SharedArray;
import multiprocessing.memory.SharedMap;
import multiprocessing.memory.SharedMemory;
import multiprocessing.memory.SharedValue;
import multiprocessing.pool.ProcessPool;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.Finalizer;
import multiprocessing.process.ForkHandlers;
import multiprocessing.process.ForkServers;
import multiprocessing.process.ProcessInfo;
import multiprocessing.process.SerializableCallable;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.process.StartMethod;
import multiprocessing.queue.JoinableQueue;
import multiprocessing.queue.ProcessQueue;
import multiprocessing.queue.SimpleQueue;
import multiprocessing.sync.BoundedProcessSemaphore;
import multiprocessing.sync.ProcessBarrier;
import multiprocessing.sync.ProcessCondition;
import multiprocessing.sync.ProcessEvent;
import multiprocessing.sync.ProcessLock;
import multiprocessing.sync.ProcessReentrantLock;
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

  /**
   * Returns the context whose children are threads of this virtual machine. The counterpart of
   * {@code multiprocessing.dummy}; see {@link StartMethod#IN_PROCESS}.
   */
  public static Context inProcess() {
    return new Context(StartMethod.IN_PROCESS);
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

  /**
   * Has something done at the end of this process, before its children are ended. More can be said
   * of it by {@link Finalizer}.
   *
   * @param action what to do
   * @return what can take it back, or do it at once
   */
  public static Finalizer atExit(Runnable action) {
    return Finalizer.atExit(action);
  }

  /**
   * Sets the program that runs fresh virtual machines.
   *
   * @param java such as {@code /opt/jdk-25/bin/java}; null for the one that runs this process
   * @throws IllegalArgumentException if there is no such program
   */
  public static void setExecutable(@Nullable Path java) {
    ChildProcess.setExecutable(java);
  }

  // Isolated calls

  /**
   * Runs a task in a fresh process of its own and returns its result: the way to survive code that
   * may crash, loop without end, or use up all memory.
   *
   * @param <T> what the task returns
   * @param task what to run; it travels with what it captures, and its result travels back
   * @param limits what it may use
   * @return what the task returned
   * @throws multiprocessing.error.CallTimeoutException if it took too long
   * @throws multiprocessing.error.CallMemoryException if its heap was exhausted
   * @throws multiprocessing.error.CallCrashedException if its process crashed, or was ended
   * @throws Exception what the task threw, as itself, with the stack there as its last cause
   */
  public static <T extends @Nullable Object> T call(SerializableCallable<T> task, Limits limits)
      throws Exception {
    return IsolatedCall.call(task, limits, StartMethod.current());
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

  /**
   * Returns a queue without bound, which can be waited for until all that was taken is done.
   *
   * @param <E> what it holds
   * @return the queue
   */
  public static <E> JoinableQueue<E> joinableQueue() {
    return new JoinableQueue<>();
  }

  /**
   * Returns a queue which can be waited for until all that was taken is done.
   *
   * @param <E> what it holds
   * @param capacity the most elements it holds
   * @return the queue
   * @throws IllegalArgumentException if that is less than 1
   */
  public static <E> JoinableQueue<E> joinableQueue(int capacity) {
    return new JoinableQueue<>(capacity);
  }

  /**
   * Returns a queue that can put and get, no more.
   *
   * @param <E> what it holds
   * @return the queue
   */
  public static <E> SimpleQueue<E> simpleQueue() {
    return new SimpleQueue<>();
  }

  // Connections

  /** Returns two connections that are each other's peers; both send and receive. */
  public static Pipe pipe() {
    return Pipe.open();
  }

  /**
   * Returns two connections that are each other's peers.
   *
   * @param duplex whether both send and receive; if not, the first one receives and the second one
   *     sends
   * @return the pipe
   */
  public static Pipe pipe(boolean duplex) {
    return Pipe.open(duplex);
  }

  // Synchronization

  /** Returns a lock that nobody holds. */
  public static ProcessLock lock() {
    return new ProcessLock();
  }

  /** Returns a lock that nobody holds, and that its holder may lock again. */
  public static ProcessReentrantLock reentrantLock() {
    return new ProcessReentrantLock();
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

  /**
   * Returns a semaphore that never has more permits than at first.
   *
   * @param permits how many permits it has at first
   * @return the semaphore
   * @throws IllegalArgumentException if that is negative
   */
  public static BoundedProcessSemaphore boundedSemaphore(int permits) {
    return new BoundedProcessSemaphore(permits);
  }

  /** Returns an event that is clear. */
  public static ProcessEvent event() {
    return new ProcessEvent();
  }

  /** Returns a condition with a reentrant lock of its own. */
  public static ProcessCondition condition() {
    return new ProcessCondition();
  }

  /**
   * Returns a condition of a lock.
   *
   * @param lock the lock to hold when waiting and signalling
   * @return the condition
   */
  public static ProcessCondition condition(ProcessLock lock) {
    return new ProcessCondition(lock);
  }

  /**
   * Returns a condition of a lock.
   *
   * @param lock the lock to hold when waiting and signalling
   * @return the condition
   */
  public static ProcessCondition condition(ProcessReentrantLock lock) {
    return new ProcessCondition(lock);
  }

  /**
   * Returns a barrier.
   *
   * @param parties how many have to wait before all go on
   * @return the barrier
   * @throws IllegalArgumentException if that is less than 1, or more than 32,768
   */
  public static ProcessBarrier barrier(int parties) {
    return new ProcessBarrier(parties);
  }

  /**
   * Returns a barrier.
   *
   * @param parties how many have to wait before all go on
   * @param action what the last one of them runs first; it travels with the barrier
   * @return the barrier
   * @throws IllegalArgumentException if there are less than 1 or more than 32,768 parties
   */
  public static ProcessBarrier barrier(int parties, @Nullable SerializableRunnable action) {
    return new ProcessBarrier(parties, action, null);
  }

  /**
   * Returns a barrier.
   *
   * @param parties how many have to wait before all go on
   * @param action what the last one of them runs first; it travels with the barrier; null for
   *     nothing
   * @param timeout how long each of them waits where it does not say so itself; null for ever
   * @return the barrier
   * @throws IllegalArgumentException if there are less than 1 or more than 32,768 parties
   */
  public static ProcessBarrier barrier(
      int parties, @Nullable SerializableRunnable action, @Nullable Duration timeout) {
    return new ProcessBarrier(parties, action, timeout);
  }

  // Memory

  /** Returns a shared value with a lock. */
  public static SharedValue.OfBoolean value(boolean initial) {
    return SharedValue.ofBoolean(initial).withLock();
  }

  /** Returns a shared value with a lock. */
  public static SharedValue.OfByte value(byte initial) {
    return SharedValue.ofByte(initial).withLock();
  }

  /** Returns a shared value with a lock. */
  public static SharedValue.OfShort value(short initial) {
    return SharedValue.ofShort(initial).withLock();
  }

  /** Returns a shared value with a lock. */
  public static SharedValue.OfChar value(char initial) {
    return SharedValue.ofChar(initial).withLock();
  }

  /** Returns a shared value with a lock. */
  public static SharedValue.OfInt value(int initial) {
    return SharedValue.ofInt(initial).withLock();
  }

  /** Returns a shared value with a lock. */
  public static SharedValue.OfLong value(long initial) {
    return SharedValue.ofLong(initial).withLock();
  }

  /** Returns a shared value with a lock. */
  public static SharedValue.OfFloat value(float initial) {
    return SharedValue.ofFloat(initial).withLock();
  }

  /** Returns a shared value with a lock. */
  public static SharedValue.OfDouble value(double initial) {
    return SharedValue.ofDouble(initial).withLock();
  }

  /**
   * Returns a shared record with a lock.
   *
   * @param <R> its type, whose components are primitives or such records
   * @param initial what it is at first
   * @return the value
   * @throws IllegalArgumentException if the type has other components
   */
  public static <R extends Record> SharedValue.OfRecord<R> value(R initial) {
    return SharedValue.ofRecord(initial).withLock();
  }

  /** Returns a shared array of these values, with a lock. */
  public static SharedArray.OfBoolean array(boolean[] values) {
    return SharedArray.ofBooleans(values).withLock();
  }

  /** Returns a shared array of these values, with a lock. */
  public static SharedArray.OfByte array(byte[] values) {
    return SharedArray.ofBytes(values).withLock();
  }

  /** Returns a shared array of these values, with a lock. */
  public static SharedArray.OfShort array(short[] values) {
    return SharedArray.ofShorts(values).withLock();
  }

  /** Returns a shared array of these values, with a lock. */
  public static SharedArray.OfChar array(char[] values) {
    return SharedArray.ofChars(values).withLock();
  }

  /** Returns a shared array of these values, with a lock. */
  public static SharedArray.OfInt array(int[] values) {
    return SharedArray.ofInts(values).withLock();
  }

  /** Returns a shared array of these values, with a lock. */
  public static SharedArray.OfLong array(long[] values) {
    return SharedArray.ofLongs(values).withLock();
  }

  /** Returns a shared array of these values, with a lock. */
  public static SharedArray.OfFloat array(float[] values) {
    return SharedArray.ofFloats(values).withLock();
  }

  /** Returns a shared array of these values, with a lock. */
  public static SharedArray.OfDouble array(double[] values) {
    return SharedArray.ofDoubles(values).withLock();
  }

  /**
   * Returns a shared array of records with a lock.
   *
   * @param <R> their type, whose components are primitives or such records
   * @param type their type
   * @param length how many; all their components are zero
   * @return the array
   * @throws IllegalArgumentException if the type has other components, or the length is negative
   */
  public static <R extends Record> SharedArray.OfRecord<R> array(Class<R> type, long length) {
    return SharedArray.ofRecords(type, length).withLock();
  }

  /**
   * Returns shared memory with a new name, which other programs can open, too.
   *
   * @param bytes how long it is; all zeros
   * @return the memory, which this process owns
   * @throws IllegalArgumentException if that is less than 1
   * @throws multiprocessing.error.SharedMemoryExhaustedException if there is no room for it
   */
  public static SharedMemory sharedMemory(long bytes) {
    return SharedMemory.create(bytes);
  }

  /**
   * Returns an empty map in shared memory, without a server.
   *
   * @param <K> the type of keys
   * @param <V> the type of values
   * @param keyType a flat type, such as String, Long, or a record of primitives
   * @param valueType likewise
   * @return the map
   * @throws IllegalArgumentException if it cannot hold one of these types
   */
  public static <K, V> SharedMap<K, V> sharedMap(Class<K> keyType, Class<V> valueType) {
    return SharedMap.create(keyType, valueType);
  }

  // Managers

  /** Starts a manager: a server process for objects that many processes use. */
  public static Manager manager() {
    return Manager.start();
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

  /**
   * Lets children that are started from now on send what they log to the handlers of this process's
   * logger; see {@link multiprocessing.logging.ChildRecord}.
   *
   * @param collect whether they do
   * @return the logger
   */
  public static Logger collectLogsOfChildren(boolean collect) {
    return Logging.collectFromChildren(collect);
  }
}
