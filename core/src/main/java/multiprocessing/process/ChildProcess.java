package multiprocessing.process;

import java.io.Serial;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import multiprocessing.connection.Sentinel;
import multiprocessing.internal.jvm.JvmCommand;
import multiprocessing.internal.launch.Child;
import multiprocessing.internal.launch.ForkServer;
import multiprocessing.internal.launch.LaunchRequest;
import multiprocessing.internal.launch.Launched;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.shm.Shipment;
import org.jspecify.annotations.Nullable;

/**
 * A process started by this one, with a task of its own. The counterpart of {@code
 * multiprocessing.Process}.
 *
 * {@snippet :
 * ChildProcess child = ChildProcess.of(() -> System.out.println("from the child"));
 * child.start();
 * child.join();
 * }
 *
 * <p>The task is a lambda, or {@link #run()} of a subclass; either is sent to the child, which has
 * no memory in common with this process but for the library's shared objects. A subclass is sent
 * with its fields.
 *
 * <p><b>Sharing.</b> Only the process that made the object can start it and wait for the child;
 * elsewhere a copy tells its name and little more.
 *
 * <p><b>Memory effects.</b> What was done before {@link #start()} happens-before the task, and the
 * task, as far as it changed shared objects, happens-before the return of {@link #join()}.
 *
 * <p><b>If a process dies.</b> A child that ends in whatever way has an {@linkplain #exitCode()
 * exit code}. If this process ends, its daemons are terminated; other children keep it from ending
 * by itself, but {@code System.exit} and signals end them too. If this process is killed, the
 * kernel kills its children, and theirs.
 *
 * <p><b>Cost.</b> A start takes some milliseconds here, and does not wait for the child, whose
 * virtual machine takes some 50 to 100 ms to come up.
 *
 * <p>All methods may be called by any thread.
 */
public class ChildProcess implements ProcessInfo, Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private static final String BASE_NAME = "Process";

  /**
   * In the order of their start. It has no locks: a fork of this process would find one taken for
   * ever that another thread has just then.
   */
  private static final ConcurrentSkipListMap<Long, ChildProcess> ACTIVE =
      new ConcurrentSkipListMap<>();

  private static final AtomicLong STARTS = new AtomicLong();

  private final long creator;
  private final String identity;
  private volatile String name;
  private volatile boolean daemon;
  private final transient ProcessOptions options;
  private final transient @Nullable StartMethod startMethod;
  private transient volatile long number; // among the starts of this process
  private transient @Nullable SerializableRunnable target;
  private transient volatile byte @Nullable [] authKey;
  private transient volatile @Nullable Launched child;
  private transient volatile boolean closed;
  private transient @Nullable Sentinel sentinel;

  /** Creates a child that runs {@link #run()} of the subclass, with no special options. */
  protected ChildProcess() {
    this(new Builder());
  }

  /**
   * Creates a child that runs {@link #run()} of the subclass.
   *
   * @param options what the child gets that this process has not
   */
  protected ChildProcess(ProcessOptions options) {
    this(new Builder().options(options));
  }

  private ChildProcess(Builder builder) {
    Session session = Session.get();
    creator = session.pid();
    identity = session.nextIdentity();
    String prefix = builder.namePrefix == null ? typeName() : builder.namePrefix;
    name = builder.name == null ? prefix + "-" + identity : builder.name;
    daemon = builder.daemon == null ? session.isDaemon() : builder.daemon;
    options = builder.options;
    startMethod = builder.startMethod;
    target = builder.target;
  }

  /**
   * Creates a child that will run a task.
   *
   * @param task what to run; it is sent to the child with what it captures
   * @return a child that is not started yet
   */
  public static ChildProcess of(SerializableRunnable task) {
    return builder().target(task).build();
  }

  /** Returns a builder for a child with a name, options and so on. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns the children of this process that run, in the order of their start. */
  public static List<ChildProcess> active() {
    List<ChildProcess> alive = new ArrayList<>(ACTIVE.values());
    // A fork of this process has inherited these objects, but they are no children of its own.
    long self = Session.get().pid();
    alive.removeIf(each -> each.creator != self || !each.isRunning());
    return alive;
  }

  /**
   * The task of the child, for a subclass to override. It runs in the child.
   *
   * @throws Exception whatever the task throws: its trace goes to standard error, and the exit code
   *     is 1
   */
  protected void run() throws Exception {
    SerializableRunnable task = target;
    if (task != null) {
      task.runChecked();
    }
  }

  /**
   * Starts the child, and does not wait until its task runs.
   *
   * @throws IllegalStateException if it was started before or was made by another process, if this
   *     process is a daemon, or is about to end
   * @throws multiprocessing.error.SerializationException if the task cannot travel; names the path
   *     to the field that is in the way
   * @throws multiprocessing.error.StartException if the system refuses to start a process
   */
  public void start() {
    synchronized (this) {
      checkOpen();
      if (child != null) {
        throw new IllegalStateException("a process cannot be started twice: " + this);
      }
      Session session = Session.get();
      if (creator != session.pid()) {
        throw new IllegalStateException(
            "a process can be started only by the process that made it: " + this);
      }
      if (session.isSettingUp()) {
        throw new IllegalStateException(
            "a child was to be started while "
                + session.name()
                + " was itself being set up, most likely by a static initializer of a class that"
                + " its task needs: each child would start another one without end; start children"
                + " in main, or in a method that it calls");
      }
      if (!session.mayHaveChildren()) {
        throw new IllegalStateException("daemonic processes are not allowed to have children");
      }
      number = STARTS.incrementAndGet();
      child = launch();
      target = null; // the child has it; here it is in nobody's way any more
      ACTIVE.put(number, this);
      if (!isRunning()) {
        forget();
      }
    }
  }

  private Launched launch() {
    LaunchRequest request = request();
    try (Shipment shipment = Shipment.load()) {
      request.onExit(
          () -> {
            shipment.end();
            forget();
          });
      Launched launched = method().launcher().launch(request);
      shipment.depart();
      return launched;
    } finally {
      request.letTaskGo();
    }
  }

  private LaunchRequest request() {
    Runnable task = target;
    if (task == null || getClass() != ChildProcess.class) {
      task = new SubclassTask(this);
    }
    Session.Birth birth = new Session.Birth(name, identity, daemon, null);
    LaunchRequest request = new LaunchRequest(birth, authKey(), task);
    request.user(task instanceof SubclassTask ? getClass() : task.getClass());
    request.startMethod(StartMethod.current().name());
    options.applyTo(request);
    return request;
  }

  private void forget() {
    ACTIVE.remove(number);
  }

  private boolean isRunning() {
    Launched running = child;
    return running != null && running.isAlive();
  }

  private StartMethod method() {
    return startMethod == null ? StartMethod.current() : startMethod;
  }

  @Override
  public void join() throws InterruptedException {
    started().join();
  }

  @Override
  public boolean join(Duration timeout) throws InterruptedException {
    return started().join(Times.nanos(timeout));
  }

  /**
   * Returns whether the child runs: from its start to its end.
   *
   * @throws IllegalStateException if it was closed, or was started by another process
   */
  @Override
  public boolean isAlive() {
    if (isSelf()) {
      return true;
    }
    checkOpen();
    checkOwn();
    return isRunning();
  }

  /**
   * Sends SIGINT, which ends the child with exit code -2 unless it handles it.
   *
   * @throws IllegalStateException if it was not started here, or was closed
   */
  public void interrupt() {
    started().interrupt();
  }

  /**
   * Sends SIGTERM, which ends the child at once with exit code -15 unless it handles it: no {@code
   * finally} block of it runs, no shutdown hook, and no finalizer. Its own children end with it.
   *
   * @throws IllegalStateException if it was not started here, or was closed
   */
  public void terminate() {
    started().terminate();
  }

  /**
   * Sends SIGKILL, which ends the child with exit code -9, also if it is stopped.
   *
   * @throws IllegalStateException if it was not started here, or was closed
   */
  public void kill() {
    started().kill();
  }

  /**
   * Gives back what belongs to a child that has ended, or was never started; most other methods
   * fail afterwards. Does nothing the second time.
   *
   * @throws IllegalStateException if it runs
   */
  public synchronized void close() {
    if (isRunning()) {
      throw new IllegalStateException(
          "a process cannot be closed while it runs; end it or wait for it first: " + this);
    }
    closed = true;
    child = null;
    target = null;
  }

  @Override
  public final String name() {
    return name;
  }

  /**
   * Names the child.
   *
   * @param name any name; it is for identification only
   */
  public final void setName(String name) {
    this.name = Objects.requireNonNull(name);
    if (isSelf()) {
      Session.get().setName(name);
    }
  }

  @Override
  public final boolean daemon() {
    return daemon;
  }

  /**
   * Says whether the child is terminated when this process ends. Such a child may not have
   * children.
   *
   * @param daemon whether it is
   * @throws IllegalStateException if it was started
   */
  public final synchronized void setDaemon(boolean daemon) {
    checkOpen();
    if (child != null || isSelf()) {
      throw new IllegalStateException(
          "a process that was started cannot become a daemon, nor stop being one");
    }
    this.daemon = daemon;
  }

  @Override
  public OptionalLong pid() {
    if (isSelf()) {
      return OptionalLong.of(Session.get().pid());
    }
    checkOpen();
    Launched running = child;
    return running == null ? OptionalLong.empty() : OptionalLong.of(running.pid());
  }

  /**
   * Returns how the child ended: 0 if its task returned, n after {@code System.exit(n)}, 1 after an
   * uncaught throwable, -N if signal N killed it.
   *
   * @return empty if it runs, or was not started
   * @throws IllegalStateException if it was closed
   */
  public OptionalInt exitCode() {
    checkOpen();
    Launched running = child;
    return running == null ? OptionalInt.empty() : running.exitCode();
  }

  /**
   * Returns a future that completes with the exit code, and never fails.
   *
   * @return a new future, which may be completed or cancelled without effect on the child
   * @throws IllegalStateException if it was not started here, or was closed
   */
  public CompletableFuture<Integer> onExit() {
    return started().onExit();
  }

  /** Returns the secret by which it is known to its parent: that of the tree, unless it was set. */
  @Override
  public byte[] authKey() {
    byte[] own = authKey;
    return own == null || isSelf() ? Session.get().authKey() : own.clone();
  }

  /**
   * Gives it another secret, which the children that it starts will have, too.
   *
   * @param key the secret; not empty
   * @throws IllegalStateException if it was started
   */
  public final synchronized void setAuthKey(byte[] key) {
    if (key.length == 0) {
      throw new IllegalArgumentException("an empty key keeps nobody out");
    }
    if (isSelf()) {
      Session.get().setAuthKey(key);
      return;
    }
    checkOpen();
    if (child != null) {
      throw new IllegalStateException("a process that was started has its key: " + this);
    }
    authKey = key.clone();
  }

  /**
   * Sets the program that runs fresh virtual machines: children of {@link StartMethod#SPAWN} and
   * the zygote of the fork server. The counterpart of {@code multiprocessing.set_executable}.
   *
   * @param java such as {@code /opt/jdk-25/bin/java}; null for the one that runs this process
   * @throws IllegalArgumentException if there is no such program
   */
  public static void setExecutable(@Nullable Path java) {
    if (java != null && !Files.isExecutable(java)) {
      throw new IllegalArgumentException("there is no program " + java);
    }
    JvmCommand.setJava(java == null ? null : java.toAbsolutePath().toString());
    ForkServer.get().stop();
  }

  /**
   * Returns what becomes ready when the child has ended, to be waited for by {@link
   * multiprocessing.connection.Wait}, with connections and other children.
   *
   * @return the same object each time
   * @throws IllegalStateException if it was not started here, or was closed
   */
  @Override
  public synchronized Sentinel sentinel() {
    Launched running = started();
    Sentinel known = sentinel;
    if (known == null) {
      known = new Sentinel(() -> !running.isAlive(), running.onExit());
      sentinel = known;
    }
    return known;
  }

  private boolean isSelf() {
    return ProcessInfo.current() == this;
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the process object is closed");
    }
  }

  private void checkOwn() {
    if (creator != Session.get().pid()) {
      throw new IllegalStateException("not a child of this process: " + this);
    }
  }

  private Launched started() {
    if (isSelf()) {
      throw new IllegalStateException("a process cannot do that to itself: " + this);
    }
    checkOpen();
    checkOwn();
    Launched running = child;
    if (running == null) {
      throw new IllegalStateException("the process is not started: " + this);
    }
    return running;
  }

  private String typeName() {
    for (Class<?> type = getClass(); type != ChildProcess.class; type = type.getSuperclass()) {
      if (!type.getSimpleName().isEmpty()) { // as that of an anonymous class is
        return type.getSimpleName();
      }
    }
    return BASE_NAME;
  }

  /** Returns the state in the words of Python's {@code repr}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("<").append(typeName()).append(" name='").append(name);
    text.append('\'');
    Launched running = child;
    if (running != null) {
      text.append(" pid=").append(running.pid());
    }
    text.append(" parent=").append(creator).append(' ').append(state(running));
    if (running != null) {
      running
          .exitCode()
          .ifPresent(code -> text.append(" exitcode=").append(Child.nameOfCode(code)));
    }
    return text.append(daemon ? " daemon>" : ">").toString();
  }

  private String state(@Nullable Launched running) {
    if (isSelf()) {
      return "started";
    }
    if (closed) {
      return "closed";
    }
    if (creator != Session.get().pid()) {
      return "unknown";
    }
    if (running == null) {
      return "initial";
    }
    return running.isAlive() ? "started" : "stopped";
  }

  /** Collects what there is to say of a child. */
  public static final class Builder {
    private @Nullable SerializableRunnable target;
    private @Nullable String name;
    private @Nullable String namePrefix;
    private @Nullable Boolean daemon;
    private ProcessOptions options = ProcessOptions.none();
    private @Nullable StartMethod startMethod;

    private Builder() {}

    /**
     * Sets the task.
     *
     * @param task what to run
     * @return this builder
     */
    public Builder target(SerializableRunnable task) {
      target = Objects.requireNonNull(task);
      return this;
    }

    /**
     * Sets the name.
     *
     * @param name any name; the default is {@code Process-} and a number
     * @return this builder
     */
    public Builder name(String name) {
      this.name = Objects.requireNonNull(name);
      return this;
    }

    /**
     * Sets what stands before the number in the default name.
     *
     * @param prefix such as {@code Worker}, for {@code Worker-1}
     * @return this builder
     */
    public Builder namePrefix(String prefix) {
      namePrefix = Objects.requireNonNull(prefix);
      return this;
    }

    /**
     * Says whether the child is terminated when this process ends.
     *
     * @param daemon whether it is; the default is whether this process is
     * @return this builder
     */
    public Builder daemon(boolean daemon) {
      this.daemon = daemon;
      return this;
    }

    /**
     * Sets what the child gets that this process has not.
     *
     * @param options the options
     * @return this builder
     */
    public Builder options(ProcessOptions options) {
      this.options = Objects.requireNonNull(options);
      return this;
    }

    /**
     * Sets how the child is started.
     *
     * @param method one of {@link StartMethod#supported()}
     * @return this builder
     * @throws UnsupportedOperationException if the method does not work here
     */
    public Builder startMethod(StartMethod method) {
      startMethod = method.requireSupported();
      return this;
    }

    /**
     * Sets how the child is started, as all that a context starts.
     *
     * @param context the context
     * @return this builder
     */
    public Builder context(ProcessContext context) {
      return startMethod(context.startMethod());
    }

    /** Returns a child that is not started yet. */
    public ChildProcess build() {
      return new ChildProcess(this);
    }

    /** Returns a child that was started. */
    public ChildProcess start() {
      ChildProcess child = build();
      child.start();
      return child;
    }
  }
}
