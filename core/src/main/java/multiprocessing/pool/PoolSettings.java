package multiprocessing.pool;

import java.time.Duration;
import java.util.Objects;
import multiprocessing.process.ProcessOptions;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.process.StartMethod;
import org.jspecify.annotations.Nullable;

/** What can be said of a pool before it is made. */
abstract sealed class PoolSettings permits ProcessPool.Builder {
  private static final Duration IDLE = Duration.ofSeconds(30);

  private int least = Runtime.getRuntime().availableProcessors();
  private int most = least;
  private int spares;
  private Duration idle = IDLE;
  private long maxTasks;
  private long maxMemory;
  private int maxRestarts = -1;
  private int window;
  private boolean pinned;
  private boolean namedOutput;
  private PoolPlan.@Nullable Debugged debugged;
  private int maxDepth = Nesting.USUAL_DEPTH;
  private int maxProcesses = Integer.MAX_VALUE;
  private @Nullable SerializableRunnable initializer;
  private @Nullable SerializableRunnable exitHook;
  private @Nullable ProgressListener listener;
  private TaskOptions tasks = TaskOptions.none();
  private ProcessOptions options = ProcessOptions.none();
  private @Nullable StartMethod startMethod;

  private ProcessPool.Builder self() {
    return (ProcessPool.Builder) this;
  }

  private static int positive(int count, String what) {
    if (count < 1) {
      throw new IllegalArgumentException(what + " of " + count + "; 1 or more, please");
    }
    return count;
  }

  // --- workers ---

  /**
   * Sets the number of workers; default is the number of processors this process may use.
   *
   * @param count how many
   * @return this
   * @throws IllegalArgumentException if that is less than 1
   */
  public ProcessPool.Builder processes(int count) {
    return processes(count, count);
  }

  /**
   * Sets how many workers there are: {@code most} while there is work for them, {@code least} when
   * the others have had nothing to do for the {@link #idleTime}.
   *
   * @param least how many there always are
   * @param most how many there may be
   * @return this
   * @throws IllegalArgumentException if {@code least} is less than 1, or more than {@code most}
   */
  public ProcessPool.Builder processes(int least, int most) {
    if (least < 1 || most < least) {
      String count = least == most ? "" + least : least + " to " + most;
      throw new IllegalArgumentException("a pool of " + count + " processes; 1 or more, please");
    }
    this.least = least;
    this.most = most;
    return self();
  }

  /**
   * Sets how long a worker beyond the least number has nothing to do before it leaves; default is
   * half a minute.
   *
   * @param time how long
   * @return this
   */
  public ProcessPool.Builder idleTime(Duration time) {
    if (time.isNegative()) {
      throw new IllegalArgumentException("an idle time of " + time);
    }
    idle = time;
    return self();
  }

  /**
   * Sets how many workers are kept ready besides, to take the place of one that leaves or is lost
   * without a wait for a start; default is 0.
   *
   * @param count how many
   * @return this
   * @throws IllegalArgumentException if that is negative
   */
  public ProcessPool.Builder spares(int count) {
    if (count < 0) {
      throw new IllegalArgumentException(count + " spares; 0 or more, please");
    }
    spares = count;
    return self();
  }

  /**
   * Sets after how many tasks a worker is replaced by a fresh one; default is never. A call is a
   * task, and so is a chunk, as in Python; where the pool chooses the chunks they are of one item.
   *
   * @param count how many
   * @return this
   * @throws IllegalArgumentException if that is less than 1
   */
  public ProcessPool.Builder maxTasksPerChild(int count) {
    maxTasks = positive(count, "a life");
    return self();
  }

  /**
   * Sets how much private memory a worker may have between two tasks before it is replaced; what it
   * shares with others, such as what a fork has not written to, does not count. Default is any.
   *
   * @param bytes how much
   * @return this
   * @throws IllegalArgumentException if that is less than 1
   */
  public ProcessPool.Builder maxMemoryPerChild(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("a worker of " + bytes + " bytes");
    }
    maxMemory = bytes;
    return self();
  }

  /**
   * Sets how many workers may be lost before the pool fails; default is any number. Those that the
   * pool ends itself do not count.
   *
   * @param count how many
   * @return this
   * @throws IllegalArgumentException if that is negative
   */
  public ProcessPool.Builder restartBudget(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("a budget of " + count + " restarts");
    }
    maxRestarts = count;
    return self();
  }

  /**
   * Sets what each worker runs before its first task. If it throws, the pool fails with that
   * exception: tasks that wait end with it.
   *
   * @param task what to run
   * @return this
   */
  public ProcessPool.Builder initializer(SerializableRunnable task) {
    initializer = Objects.requireNonNull(task);
    return self();
  }

  /**
   * Sets what each worker runs when it leaves: because the pool is closed, or it was replaced, or
   * had nothing to do. One that is killed, or whose pool is terminated, does not.
   *
   * @param task what to run
   * @return this
   */
  public ProcessPool.Builder exitHook(SerializableRunnable task) {
    exitHook = Objects.requireNonNull(task);
    return self();
  }

  /**
   * Binds each worker to processors of its own: its share of those of this process, and one at
   * least. Those that the options name take precedence.
   *
   * @param value whether to
   * @return this
   */
  public ProcessPool.Builder pinned(boolean value) {
    pinned = value;
    return self();
  }

  /**
   * Lets a debugger attach to one worker, which goes on meanwhile. Workers are numbered from 1 in
   * the order in which the pool starts them; a worker that takes the place of another one has a
   * number of its own, so no two of them want the same port. It prints on its standard output where
   * it listens, as every virtual machine does. Whoever can reach the port, which is one of the
   * loopback address, can have the worker do anything.
   *
   * @param worker which one; the first is 1
   * @param port where it listens; 0 for any free port
   * @return this; building fails if the start method is not {@link StartMethod#SPAWN}
   * @throws IllegalArgumentException if there can be no such worker or port
   */
  public ProcessPool.Builder debug(int worker, int port) {
    if (port < 0 || port > 0xFFFF) {
      throw new IllegalArgumentException("a port of " + port + "; 0 to 65535, please");
    }
    debugged = new PoolPlan.Debugged(positive(worker, "a worker's number"), port);
    return self();
  }

  /**
   * Has each line that a worker prints begin with its name in brackets.
   *
   * @param value whether to
   * @return this
   */
  public ProcessPool.Builder namedOutput(boolean value) {
    namedOutput = value;
    return self();
  }

  /**
   * Sets the options of the worker processes. Spawned workers without a heap limit get their share
   * of three quarters of the memory that this process may use.
   *
   * @param value the options
   * @return this
   */
  public ProcessPool.Builder options(ProcessOptions value) {
    options = Objects.requireNonNull(value);
    return self();
  }

  /**
   * Sets how workers are started; default is the start method of this process.
   *
   * @param method how
   * @return this
   */
  public ProcessPool.Builder startMethod(StartMethod method) {
    startMethod = Objects.requireNonNull(method);
    return self();
  }

  // --- nesting ---

  /**
   * Sets how deep pools may be that tasks of this pool make, and theirs; default is {@value
   * Nesting#USUAL_DEPTH}, this one included. A tighter bound of a pool above counts.
   *
   * @param depth 1 for this pool alone
   * @return this
   * @throws IllegalArgumentException if that is less than 1
   */
  public ProcessPool.Builder maxDepth(int depth) {
    maxDepth = positive(depth, "a depth");
    return self();
  }

  /**
   * Sets how many processes the whole tree may have, the main process included, for this pool or a
   * pool of its tasks to start more; default is any number.
   *
   * @param count how many
   * @return this
   * @throws IllegalArgumentException if that is less than 1
   */
  public ProcessPool.Builder maxProcesses(int count) {
    maxProcesses = positive(count, "a tree");
    return self();
  }

  // --- tasks ---

  /**
   * Sets how often a task runs again after the worker that ran it has died; default is 0. A task
   * may then have run in part, or wholly, several times.
   *
   * @param count how often
   * @return this
   * @throws IllegalArgumentException if that is negative
   */
  public ProcessPool.Builder retries(int count) {
    tasks = tasks.toBuilder().retries(count).build();
    return self();
  }

  /**
   * Sets how long a call, or one item, may run. At the soft limit its thread is interrupted; if it
   * then fails, it does with a {@link multiprocessing.error.TaskTimeoutException}. At the hard
   * limit the worker tells where its threads are and is killed, and the call or item fails with
   * that.
   *
   * @param soft the soft limit; null for none
   * @param hard the hard limit; null for none
   * @return this
   * @throws IllegalArgumentException if one is not positive
   */
  public ProcessPool.Builder taskTimeout(@Nullable Duration soft, @Nullable Duration hard) {
    tasks = new TaskOptions(tasks.name(), tasks.priority(), soft, hard, tasks.retries());
    return self();
  }

  /**
   * Sets how tasks are treated that are not given other options by {@link ProcessPool#with}.
   *
   * @param value the options
   * @return this
   */
  public ProcessPool.Builder taskOptions(TaskOptions value) {
    tasks = Objects.requireNonNull(value);
    return self();
  }

  /**
   * Sets how many items of a stream ({@code imap}) may have been read and not taken as results.
   * Default is some chunks for each worker.
   *
   * @param items how many
   * @return this
   * @throws IllegalArgumentException if that is less than 1
   */
  public ProcessPool.Builder window(int items) {
    window = positive(items, "a window");
    return self();
  }

  /**
   * Sets who is told how far maps and streams are.
   *
   * @param value the listener
   * @return this
   */
  public ProcessPool.Builder progress(ProgressListener value) {
    listener = Objects.requireNonNull(value);
    return self();
  }

  // --- the end ---

  @Nullable ProgressListener listener() {
    return listener;
  }

  PoolPlan plan() {
    Nesting nesting = Nesting.here().within(maxDepth, maxProcesses);
    WorkerPlan worker = new WorkerPlan(initializer, exitHook, maxMemory, namedOutput, nesting);
    StartMethod method = startMethod == null ? StartMethod.current() : startMethod;
    if (debugged != null && method != StartMethod.SPAWN) {
      throw new IllegalStateException(
          "a debugger can attach to workers that are virtual machines of their own, and those of "
              + method
              + " are not: build the pool with startMethod(StartMethod.SPAWN)");
    }
    return new PoolPlan(
        least,
        most,
        spares,
        idle,
        maxTasks,
        maxRestarts,
        window,
        pinned,
        debugged,
        worker,
        tasks,
        options,
        method);
  }
}
