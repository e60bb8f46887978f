package multiprocessing.manager;

import java.io.IOException;
import java.lang.ref.Cleaner;
import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import multiprocessing.connection.Address;
import multiprocessing.connection.Client;
import multiprocessing.connection.Connection;
import multiprocessing.connection.ConnectionOptions;
import multiprocessing.error.ProcessException;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.session.ForkHooks;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.shm.SharedBlock;
import multiprocessing.internal.wire.Writer;
import org.jspecify.annotations.Nullable;

/** This process as a client of one server. */
final class Link {
  /*
   * A call takes a channel that is idle, or opens one, so as many calls go on at a time as there are
   * threads that call. One channel more tells the server of this process's life, of references that
   * it lets go of, and of calls that it does not wait for any more.
   *
   * A fork of this process inherits the channels, which are not its own: it closes them and makes new
   * ones when it needs them, as another client. It has to know them all, and to find the links in order;
   * so there is no fork while a link is opened, and it begins with a lock that none of the threads has
   * that are not there any more.
   */
  private static final int MOST_IDLE = 16;
  private static final Cleaner CLEANER = Cleaner.create();
  private static final ThreadLocal<@Nullable Link> CURRENT = new ThreadLocal<>();
  private static final Map<Address, Link> LINKS = new HashMap<>();
  private static final Map<Address, ConnectionOptions> KNOWN = new HashMap<>();
  private static volatile ReentrantLock linksLock = new ReentrantLock();

  static {
    ForkHooks.add(() -> linksLock.lock(), () -> linksLock.unlock(), Link::forked);
  }

  private final Address address;
  private final Way way;
  private final Codec codec;
  private final boolean outside;
  private final String name = UUID.randomUUID().toString();
  private final ArrayDeque<Channel> idle = new ArrayDeque<>();
  private final Map<Long, WeakReference<Remote>> remotes = new HashMap<>();
  private final Map<Long, Holding> holdings = new HashMap<>();
  private final Channel life;
  private long lastChannel = Protocol.LIFE;
  private final String server;
  private volatile boolean closed;

  /** How many references to an object this process has been given for its present proxy. */
  private static final class Holding {
    long count;
  }

  /** How to connect to the server. */
  interface Way {
    Connection connect() throws IOException, InterruptedException;
  }

  private Link(Address address, Way way, boolean outside) throws IOException, InterruptedException {
    this.address = address;
    this.way = way;
    this.outside = outside;
    this.codec = outside ? Codec.outside(null) : Codec.shared();
    Connection connection = way.connect();
    this.server = String.valueOf(hello(connection, Protocol.LIFE, null));
    this.life = Channel.plain(Protocol.LIFE, connection);
  }

  /** The link to the server at an address, by the secret of this tree or one that is known. */
  static Link to(Address address, boolean outside) {
    linksLock.lock();
    try {
      Link link = LINKS.get(address);
      if (link != null && !link.closed) {
        return link;
      }
      ConnectionOptions options = KNOWN.get(address);
      if (options == null) {
        options = ConnectionOptions.builder().authKey(Session.get().authKey()).build();
      }
      try {
        return open(address, options, outside);
      } catch (IOException e) {
        throw new ProcessException(
            "the manager at " + address + " cannot be reached: " + e.getMessage(), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ProcessException("interrupted while connecting to the manager at " + address, e);
      }
    } finally {
      linksLock.unlock();
    }
  }

  /** Opens a link, by which other objects of the server are reached from then on as well. */
  static Link open(Address address, ConnectionOptions options, boolean outside)
      throws IOException, InterruptedException {
    return open(address, options, () -> Client.connect(address, options), outside);
  }

  /**
   * Opens a link to a server in this very process.
   *
   * @param address where others reach it, and forks of this process
   */
  static Link openInside(Server server, Address address, ConnectionOptions options)
      throws IOException, InterruptedException {
    return open(address, options, server::connect, true);
  }

  private static Link open(Address address, ConnectionOptions options, Way way, boolean outside)
      throws IOException, InterruptedException {
    linksLock.lock();
    try {
      Link link = new Link(address, way, outside);
      LINKS.put(address, link);
      KNOWN.put(address, options);
      return link;
    } finally {
      linksLock.unlock();
    }
  }

  /** The thread that forks has the lock; others may wait for it that are not in the child. */
  private static void forked() {
    for (Link link : LINKS.values()) {
      link.closed = true;
      link.life.closeForked();
      link.idle.forEach(Channel::closeForked);
      link.idle.clear();
    }
    LINKS.clear();
    linksLock = new ReentrantLock();
  }

  /** The link whose message the current thread decodes. */
  static Link current() {
    return Objects.requireNonNull(CURRENT.get(), "a reference without a server");
  }

  boolean isOutside() {
    return outside;
  }

  /** Takes a reference to an object that a process had of which this one is a fork. */
  void retain(long id) {
    request(Protocol.begin(Protocol.RETAIN).number(id).toBytes());
  }

  Address address() {
    return address;
  }

  Reference reference(long id, Class<?> face) {
    return new Reference(server, address, outside, id, face);
  }

  /** Says hello; closes the connection if that fails. */
  private @Nullable Object hello(Connection connection, long channel, @Nullable SharedBlock memory)
      throws IOException, InterruptedException {
    Writer hello = Protocol.begin(Protocol.HELLO).text(name).number(Session.home().pid());
    boolean done = false;
    try {
      connection.sendBytes(Protocol.memory(hello.number(channel), memory).toBytes());
      Object content = Protocol.greeting(connection.recvBytes(), codec);
      done = true;
      return content;
    } finally {
      if (!done) {
        connection.close();
      }
    }
  }

  /** An object for one that the server has counted a reference to. */
  synchronized Object received(long id, Class<?> face) {
    Remote remote = remoteOf(id, face);
    Holding holding = holdings.get(id);
    if (holding != null) {
      holding.count++;
    }
    return remote.proxy();
  }

  /** An object for one that another process has sent. */
  Object adopt(long id, Class<?> face) {
    retain(id);
    return received(id, face);
  }

  private Remote remoteOf(long id, Class<?> face) {
    WeakReference<Remote> known = remotes.get(id);
    Remote remote = known == null ? null : known.get();
    if (remote == null) {
      remote = new Remote(this, id, face);
      Holding holding = new Holding();
      remotes.put(id, new WeakReference<>(remote));
      holdings.put(id, holding);
      Cleaner.Cleanable _ = CLEANER.register(remote, () -> letGo(id, holding));
    }
    return remote;
  }

  private void letGo(long id, Holding holding) {
    long count;
    synchronized (this) {
      count = holding.count;
      boolean isLast = holdings.remove(id, holding);
      if (isLast) {
        remotes.remove(id);
      }
      if (closed) {
        return;
      }
    }
    byte[] message = Protocol.begin(Protocol.RELEASE).number(id).number(count).toBytes();
    Thread _ = Thread.startVirtualThread(() -> tell(message));
  }

  /** Says something that there is no answer to. */
  private void tell(byte[] message) {
    try {
      life.send(message);
    } catch (IOException e) {
      // the server is gone, and what it knew of this process with it
    }
  }

  /** Makes an object in the server. */
  Object create(String type, @Nullable Object... arguments) {
    Writer writer = Protocol.begin(Protocol.CREATE).number(Thread.currentThread().threadId());
    byte[] request = Protocol.arguments(writer.text(type), codec, arguments).toBytes();
    return Objects.requireNonNull(request(request));
  }

  void register(Class<?> type, Object factory) {
    request(Protocol.arguments(Protocol.begin(Protocol.REGISTER), codec, type, factory).toBytes());
  }

  int count() {
    return (Integer) Objects.requireNonNull(request(Protocol.begin(Protocol.COUNT).toBytes()));
  }

  /** Asks the server to end. */
  void shutdown() {
    request(Protocol.begin(Protocol.SHUTDOWN).toBytes());
  }

  private @Nullable Object request(byte[] request) {
    try {
      return exchange(request, false);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new ProcessException("the manager failed: " + e, e);
    }
  }

  /**
   * Calls a method of an object.
   *
   * @param interruptible whether the call ends when this thread is interrupted
   */
  @Nullable Object call(long id, String key, boolean interruptible, @Nullable Object[] arguments)
      throws Throwable {
    Writer writer = Protocol.begin(Protocol.CALL).number(Thread.currentThread().threadId());
    writer.number(id).text(key);
    return exchange(Protocol.arguments(writer, codec, arguments).toBytes(), interruptible);
  }

  private @Nullable Object exchange(byte[] request, boolean interruptible) throws Throwable {
    boolean interrupted = Thread.interrupted();
    if (interrupted && interruptible) {
      throw new InterruptedException();
    }
    Channel channel = null;
    byte[] answer = null;
    boolean cancelled = false;
    try {
      while (answer == null) {
        try {
          if (channel == null) {
            channel = take();
            channel.send(request);
          }
          if (interruptible && interrupted && !cancelled) {
            cancelled = true;
            cancel(channel);
          }
          answer = channel.receive();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (IOException e) {
      throw gone(interrupted, e);
    } finally {
      if (channel != null) {
        leave(channel, answer != null);
      }
    }
    return outcome(answer, interruptible, interrupted);
  }

  private void cancel(Channel channel) {
    Writer writer = Protocol.begin(Protocol.CANCEL).number(channel.number());
    tell(writer.number(channel.sent()).toBytes());
  }

  private void leave(Channel channel, boolean answered) {
    if (answered) {
      give(channel);
    } else {
      cancel(channel);
      channel.close();
    }
  }

  private ProcessException gone(boolean interrupted, IOException cause) {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return new ProcessException(
        "the manager at " + address + " is gone: " + cause.getMessage(), cause);
  }

  /** Where the call has heeded the interrupt, its exception says so, and nothing else. */
  private @Nullable Object outcome(byte[] answer, boolean interruptible, boolean interrupted)
      throws Throwable {
    boolean told = false;
    try {
      return read(answer);
    } catch (InterruptedException e) {
      told = interruptible;
      throw e;
    } finally {
      if (interrupted && !told) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private @Nullable Object read(byte[] answer) throws Throwable {
    Link outer = CURRENT.get();
    CURRENT.set(this);
    try {
      return Protocol.read(answer, codec);
    } finally {
      CURRENT.set(outer);
    }
  }

  private Channel take() throws IOException, InterruptedException {
    long number;
    synchronized (this) {
      if (closed) {
        throw new IOException("this process has let go of it");
      }
      Channel channel = idle.pollLast();
      if (channel != null) {
        return channel;
      }
      number = ++lastChannel;
    }
    Connection connection = way.connect();
    SharedBlock memory = outside ? null : Channel.memory();
    long peer = (Long) Objects.requireNonNull(hello(connection, number, memory));
    if (memory == null) {
      return Channel.plain(number, connection);
    }
    if (peer == 0) {
      memory.close();
      return Channel.plain(number, connection);
    }
    return Channel.ofClient(number, connection, memory, peer);
  }

  private synchronized void give(Channel channel) {
    if (closed || idle.size() >= MOST_IDLE) {
      channel.close();
    } else {
      idle.addLast(channel);
    }
  }

  /** Lets go of the server and all of its objects. */
  void close() {
    List<Channel> open;
    synchronized (this) {
      closed = true;
      open = new ArrayList<>(idle);
      idle.clear();
    }
    open.forEach(Channel::close);
    life.close();
    linksLock.lock();
    try {
      LINKS.remove(address, this);
    } finally {
      linksLock.unlock();
    }
  }
}
