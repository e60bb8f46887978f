package multiprocessing.manager;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import multiprocessing.connection.Address;
import multiprocessing.connection.ConnectionOptions;
import multiprocessing.connection.Listener;
import multiprocessing.error.AuthenticationException;
import multiprocessing.error.ProcessException;
import multiprocessing.error.StartException;
import multiprocessing.internal.session.Finalizers;
import multiprocessing.internal.session.Session;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.process.SerializableSupplier;
import multiprocessing.process.StartMethod;
import org.jspecify.annotations.Nullable;

/**
 * Makes objects in a server process, for any number of processes to use. The counterpart of {@code
 * multiprocessing.Manager()}.
 *
 * {@snippet :
 * try (Manager manager = Manager.start()) {
 *   ManagedMap<String, Integer> counts = manager.map();
 *   ChildProcess child =
 *       ChildProcess.of(() -> counts.merge("words", 1, (a, b) -> a + b));
 *   child.start();
 *   child.join();
 *   System.out.println(counts); // {words=1}
 * }
 * }
 *
 * <p>What the methods give are objects of the JDK's interfaces whose methods run in the server:
 * each is one round trip, and done as a whole. A function that can travel runs there as well. What
 * is put in is copied; objects of the manager can be put into each other, and stay themselves.
 *
 * <p>An exception arrives as itself; its last cause shows the stack of the server.
 *
 * <h2>Sharing</h2>
 *
 * The objects travel to any process of the tree, at its start or later, and into each other. A
 * manager itself does not travel. Processes of other trees reach a manager that {@link #serve} has
 * opened by {@link #connect}.
 *
 * <h2>Memory effects</h2>
 *
 * What a process did before a call of an object happens-before what another does after a call of it
 * that sees its effect.
 *
 * <h2>If a process dies</h2>
 *
 * A client that dies, at whatever moment, gives back its references, the locks and permits that it
 * held, and the calls that it waited for; what it had changed stays, call by call. If the server
 * dies, each call fails at once with a {@link ProcessException}, and what it held is lost. It dies
 * with the process that started it.
 *
 * <h2>Cost</h2>
 *
 * A process, and for each call a round trip to it: some microseconds within the tree while calls
 * follow each other and processors are free, else some ten to hundred. Calls of a thread follow
 * each other; those of several threads and processes go on at a time. For hot data there are shared
 * memory, and locks and queues that need no server.
 */
public final class Manager extends ManagedObjects implements AutoCloseable {
  private static final Duration POLITE = Duration.ofSeconds(1);

  private final @Nullable ChildProcess process;
  private final @Nullable Server server;
  private final @Nullable Thread serving;
  private final Finalizers.@Nullable Finalizer finalizer;
  private boolean closed;

  private Manager(
      Link link,
      @Nullable ChildProcess process,
      @Nullable Server server,
      @Nullable Thread serving) {
    super(link);
    this.process = process;
    this.server = server;
    this.serving = serving;
    this.finalizer = process == null ? null : Finalizers.add(0, this::shutdown);
  }

  /**
   * Starts a manager by the default start method.
   *
   * @return the manager
   * @throws StartException if it does not start
   */
  public static Manager start() {
    return builder().start();
  }

  /** Returns a builder of a manager. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Serves objects from threads of this process, to processes of other trees and machines, which
   * {@link #connect}. They may do with the objects what they like, but neither end the server nor
   * {@linkplain #register register} types.
   *
   * @param address where to listen
   * @param authKey a secret that clients must prove to have, and that is proved to them
   * @return the manager
   * @throws IOException if the address cannot be used
   */
  public static Manager serve(Address address, byte[] authKey) throws IOException {
    return serve(address, ConnectionOptions.builder().authKey(authKey).build());
  }

  /**
   * Serves objects from threads of this process, to processes of other trees and machines.
   *
   * @param address where to listen
   * @param options the secret, which must be given; limits; a filter of what is accepted; TLS
   * @return the manager
   * @throws IOException if the address cannot be used
   */
  public static Manager serve(Address address, ConnectionOptions options) throws IOException {
    Listener listener = Listener.open(address, options);
    Server server = new Server(listener, true, options.filter(), StartMethod.current());
    Thread serving = Thread.ofPlatform().daemon().name("manager-server").start(server::serve);
    boolean done = false;
    try {
      Link link = Link.openInside(server, reachable(listener.address()), options);
      done = true;
      return new Manager(link, null, server, serving);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a manager was started", e);
    } finally {
      if (!done) {
        server.end();
      }
    }
  }

  /** What listens at all addresses is reached by the own one. */
  private static Address reachable(Address address) {
    return switch (address.host()) {
      case "0.0.0.0" -> Address.tcp("127.0.0.1", address.port());
      case "::" -> Address.tcp("::1", address.port());
      default -> address;
    };
  }

  /**
   * Connects to a manager that another program serves.
   *
   * @param address where it listens
   * @param authKey its secret
   * @return the manager
   * @throws multiprocessing.error.AuthenticationException if it has another secret
   * @throws IOException if it cannot be reached
   * @throws InterruptedException if the thread is interrupted
   */
  public static Manager connect(Address address, byte[] authKey)
      throws IOException, InterruptedException {
    return connect(address, ConnectionOptions.builder().authKey(authKey).build());
  }

  /**
   * Connects to a manager that another program serves.
   *
   * @param address where it listens; with TLS, by a name that is in its certificate
   * @param options its secret; limits; TLS, if it has that
   * @return the manager
   * @throws multiprocessing.error.AuthenticationException if it has another secret, or the two do
   *     not agree on TLS
   * @throws IOException if it cannot be reached
   * @throws InterruptedException if the thread is interrupted
   */
  public static Manager connect(Address address, ConnectionOptions options)
      throws IOException, InterruptedException {
    return new Manager(Link.open(address, options, true), null, null, null);
  }

  /** Returns where the server listens. */
  public Address address() {
    return link().address();
  }

  /**
   * Makes a type known, whose objects live in the server and are called by an interface. A method
   * that gives an object of a known type gives one that lives there, too.
   *
   * @param <T> the type
   * @param type the interface
   * @param factory makes an object, in the server
   * @return this manager
   * @throws IllegalArgumentException if the type is no interface
   */
  public <T> Manager register(Class<T> type, SerializableSupplier<? extends T> factory) {
    if (server != null) {
      server.register(type, factory);
    } else {
      link().register(type, factory);
    }
    return this;
  }

  /** Returns how many objects processes have references to; for tests and curiosity. */
  public int objectCount() {
    return link().count();
  }

  /**
   * Ends the server, if this process has started it, and with it all of its objects; it is asked
   * first, and killed if it does not heed that. Otherwise lets go of it. Does nothing the second
   * time.
   */
  public void shutdown() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    if (finalizer != null) {
      boolean _ = finalizer.cancel();
    }
    if (server != null && serving != null) {
      end(server, serving);
    }
    if (process != null) {
      end(process);
    }
    link().close();
  }

  private static void end(Server server, Thread serving) {
    server.end();
    try {
      serving.join(POLITE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void end(ChildProcess child) {
    try {
      link().shutdown();
    } catch (ProcessException e) {
      // it is gone
    }
    try {
      if (!child.join(POLITE)) {
        child.terminate();
        if (!child.join(POLITE)) {
          child.kill();
          child.join();
        }
      }
    } catch (InterruptedException e) {
      child.kill();
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Waits until the server has ended.
   *
   * @throws InterruptedException if the thread is interrupted
   * @throws IllegalStateException if another program has started it
   */
  public void join() throws InterruptedException {
    if (process != null) {
      process.join();
    } else if (serving != null) {
      serving.join();
    } else {
      throw new IllegalStateException("another program serves this manager: " + address());
    }
  }

  /** Returns the server process; null if this process has not started one. */
  public @Nullable ChildProcess process() {
    return process;
  }

  /** The same as {@link #shutdown()}. */
  @Override
  public void close() {
    shutdown();
  }

  @Override
  public String toString() {
    return "Manager[" + address() + (closed ? ", closed]" : "]");
  }

  /** Collects what there is to say of a manager. */
  public static final class Builder {
    private @Nullable StartMethod startMethod;
    private @Nullable Address address;
    private @Nullable SerializableRunnable initializer;
    private final Map<Class<?>, Supplier<?>> types = new LinkedHashMap<>();

    private Builder() {}

    /**
     * Sets how the server process is started.
     *
     * @param method the method
     * @return this builder
     */
    public Builder startMethod(StartMethod method) {
      startMethod = method;
      return this;
    }

    /**
     * Sets where the server listens. The default is an address on this machine that nobody uses.
     *
     * @param address where
     * @return this builder
     */
    public Builder address(Address address) {
      this.address = Objects.requireNonNull(address);
      return this;
    }

    /**
     * Sets what the server runs before it serves. If it fails, the manager does not start.
     *
     * @param task what to run
     * @return this builder
     */
    public Builder initializer(SerializableRunnable task) {
      initializer = Objects.requireNonNull(task);
      return this;
    }

    /**
     * Makes a type known; see {@link Manager#register}.
     *
     * @param <T> the type
     * @param type the interface
     * @param factory makes an object, in the server
     * @return this builder
     */
    public <T> Builder register(Class<T> type, SerializableSupplier<? extends T> factory) {
      types.put(type, factory);
      return this;
    }

    /**
     * Starts the manager.
     *
     * @return the manager
     * @throws StartException if it does not start
     */
    public Manager start() {
      byte[] key = Session.get().authKey();
      ConnectionOptions options = ConnectionOptions.builder().authKey(key).build();
      ChildProcess child = null;
      boolean done = false;
      try {
        Listener listener =
            address == null ? Listener.open(options) : Listener.open(address, options);
        child = startServer(listener);
        Link link = Link.open(listener.address(), options, false);
        Manager manager = new Manager(link, child, null, null);
        done = true;
        return manager;
      } catch (IOException | AuthenticationException e) {
        throw new StartException(
            "the manager does not start: "
                + e.getMessage()
                + "; if its process failed, standard error says why",
            e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new StartException("interrupted while the manager was started", e);
      } finally {
        if (child != null && !done) {
          child.kill();
        }
      }
    }

    /** The listener is the server's from then on; a thread of this process has this very object. */
    private ChildProcess startServer(Listener listener) {
      StartMethod method = startMethod == null ? StartMethod.current() : startMethod;
      boolean given = false;
      try {
        ChildProcess child =
            ChildProcess.builder()
                .namePrefix("Manager")
                .daemon(true) // a program that forgets to shut it down is to end all the same
                .startMethod(method)
                .target(new ServerTask(listener, types, initializer, method))
                .start();
        given = method == StartMethod.IN_PROCESS;
        return child;
      } finally {
        if (!given) {
          listener.close();
        }
      }
    }
  }
}
