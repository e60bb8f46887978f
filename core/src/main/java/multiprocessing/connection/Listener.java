package multiprocessing.connection;

import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.Serial;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import javax.net.ssl.SSLEngine;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.OsException;
import multiprocessing.internal.os.SocketName;
import multiprocessing.internal.os.Sockets;
import multiprocessing.internal.os.UnixSocket;
import multiprocessing.internal.session.Finalizers;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.wire.Lease;
import multiprocessing.internal.wire.Readiness;
import org.jspecify.annotations.Nullable;

/**
 * Waits at an address for {@link Client}s, which may be Python's. The counterpart of {@code
 * multiprocessing.connection.Listener}.
 *
 * {@snippet :
 * try (Listener listener = Listener.open(Address.tcp("localhost", 6000), key);
 *     Connection connection = listener.accept()) {
 *   connection.sendBytes(new byte[] {1, 2, 3});
 * }
 * }
 *
 * <p>Without a secret anybody who can reach the address is accepted; {@link Connection} says what
 * is made of the objects that strangers send.
 *
 * <p>Any thread may accept. {@link #close()} ends the waits of other threads.
 *
 * <h2>Sharing</h2>
 *
 * Travels as a {@link Connection} does, with its secret; the processes that hold a listener share
 * what comes. Only the process that opened it deletes its socket file. One with TLS does not
 * travel.
 *
 * <h2>Memory effects</h2>
 *
 * Those of {@link Connection}.
 *
 * <h2>If a process dies</h2>
 *
 * When no process holds the listener any more, clients are refused. A client that dies before it is
 * accepted can be accepted all the same, and then finds its end. A socket file stays behind a
 * process that is killed; abstract names and ports do not.
 *
 * <h2>Cost</h2>
 *
 * One descriptor. A handshake takes four messages.
 */
public final class Listener implements AutoCloseable, Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private final transient Lease lease;
  private final transient Address address;
  private final transient ConnectionOptions options;
  private final transient long file;
  private final transient Finalizers.@Nullable Finalizer finalizer;
  private transient volatile @Nullable Address lastAccepted;

  private Listener(int socket, Address address, ConnectionOptions options, boolean isOwner) {
    this.lease = new Lease(socket);
    this.address = address;
    this.options = options;
    boolean hasFile = isOwner && address.path() != null;
    this.file = hasFile ? Session.get().pid() : 0;
    this.finalizer = hasFile ? Finalizers.add(0, this::deleteFile) : null;
  }

  /**
   * Opens a listener at an address that nobody else uses, on this machine; see {@link #address()}.
   *
   * @return the listener
   * @throws IOException if the system refuses
   */
  public static Listener open() throws IOException {
    return open(Address.arbitrary());
  }

  /**
   * Opens a listener at an address that nobody else uses, on this machine.
   *
   * @param options a secret, limits and so on
   * @return the listener
   * @throws IOException if the system refuses
   */
  public static Listener open(ConnectionOptions options) throws IOException {
    return open(Address.arbitrary(), options);
  }

  /**
   * Opens a listener without a secret.
   *
   * @param address where
   * @return the listener
   * @throws java.net.BindException if the address is in use
   * @throws IOException if the system refuses
   */
  public static Listener open(Address address) throws IOException {
    return open(address, ConnectionOptions.defaults());
  }

  /**
   * Opens a listener that accepts only who proves to have a secret, and proves it in turn.
   *
   * @param address where
   * @param authKey the secret
   * @return the listener
   * @throws java.net.BindException if the address is in use
   * @throws IOException if the system refuses
   */
  public static Listener open(Address address, byte[] authKey) throws IOException {
    return open(address, ConnectionOptions.builder().authKey(authKey).build());
  }

  /**
   * Opens a listener.
   *
   * @param address where
   * @param options a secret, limits and so on
   * @return the listener
   * @throws java.net.BindException if the address is in use
   * @throws IOException if the system refuses
   * @throws IllegalArgumentException if there is TLS in the options, and the address is none of TCP
   */
  public static Listener open(Address address, ConnectionOptions options) throws IOException {
    SSLEngine _ = options.engine(address, true); // what cannot be had later is told now
    SocketName name = address.toNames().getFirst();
    int socket = Sockets.open(name.family());
    boolean done = false;
    try {
      Sockets.listen(socket, name, options.backlog());
      SocketName bound = Sockets.localName(socket);
      Address actual = address.isTcp() ? Address.tcp(address.host(), bound.port()) : address;
      Listener listener = new Listener(socket, actual, options, true);
      done = true;
      return listener;
    } catch (OsException e) {
      throw Refusals.of("cannot listen at " + address, e);
    } finally {
      if (!done) {
        Descriptors.close(socket);
      }
    }
  }

  Lease lease() {
    return lease;
  }

  /**
   * Accepts the next client, and waits for one.
   *
   * @return the connection to it
   * @throws multiprocessing.error.AuthenticationException if it has another secret, does not speak
   *     TLS as it should, or takes too long; the next one can be accepted then
   * @throws IOException if this listener is closed, or the system refuses
   * @throws InterruptedException if the thread is interrupted
   */
  public Connection accept() throws IOException, InterruptedException {
    return next().admit();
  }

  /**
   * Accepts the next client, and waits for one, but does not ask for the secret yet. So a server
   * can have another thread do that, while this one serves the next client.
   *
   * @return the client
   * @throws IOException if this listener is closed, or the system refuses
   * @throws InterruptedException if the thread is interrupted
   */
  public Incoming next() throws IOException, InterruptedException {
    if (!lease.enter()) {
      throw closed();
    }
    try {
      while (true) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        if (lease.isClosed()) {
          throw closed();
        }
        int socket = Sockets.accept(lease.descriptor());
        if (socket != UnixSocket.NOTHING_YET) {
          return incoming(socket);
        }
        Readiness.await(lease, Descriptors.READABLE, Long.MAX_VALUE);
      }
    } catch (OsException e) {
      throw Refusals.of("cannot accept at " + address, e);
    } finally {
      lease.leave();
    }
  }

  private Incoming incoming(int socket) {
    boolean done = false;
    try {
      SocketName peer = Sockets.peerName(socket);
      SSLEngine engine = options.engine(address, true);
      Connection connection = new Connection(socket, Client.terms(socket, peer, options), engine);
      lastAccepted = Address.ofName(peer);
      done = true;
      return new Incoming(connection, options);
    } finally {
      if (!done) {
        Descriptors.close(socket);
      }
    }
  }

  private IOException closed() {
    return new IOException("the listener at " + address + " is closed");
  }

  /** A client that has connected, and has not proved yet that it has the secret. */
  public static final class Incoming implements AutoCloseable {
    private final Connection connection;
    private final ConnectionOptions options;

    private Incoming(Connection connection, ConnectionOptions options) {
      this.connection = connection;
      this.options = options;
    }

    /**
     * Agrees on TLS and asks for the secret, where they are set.
     *
     * @return the connection
     * @throws multiprocessing.error.AuthenticationException if the client has another secret, does
     *     not speak TLS as it should, or takes too long; the connection is closed then
     * @throws IOException if the client is gone
     * @throws InterruptedException if the thread is interrupted; the connection is closed then
     */
    public Connection admit() throws IOException, InterruptedException {
      Handshake.run(connection, options, true);
      return connection;
    }

    /** Closes the connection to the client. */
    @Override
    public void close() {
      connection.close();
    }
  }

  /** Returns where it listens; for a TCP address with port 0, with the port that it got. */
  public Address address() {
    return address;
  }

  /** Returns the address of the client that was accepted last; null if it has none. */
  public @Nullable Address lastAccepted() {
    return lastAccepted;
  }

  /** Returns whether this listener was closed here. */
  public boolean isClosed() {
    return lease.isClosed();
  }

  /** Closes it, and deletes its socket file. Does nothing the second time. */
  @Override
  public void close() {
    if (lease.close() && finalizer != null && finalizer.cancel()) {
      deleteFile();
    }
  }

  private void deleteFile() {
    try {
      Path path = address.path();
      if (path != null && file == Session.get().pid()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      // the folder may be gone, or be no more ours to change
    }
  }

  @Override
  public String toString() {
    return "Listener[" + address + (isClosed() ? ", closed]" : "]");
  }

  @Serial
  private Object writeReplace() throws NotSerializableException {
    ConnectionOptions.Travelling travelling = options.toTravel();
    return new Ticket(Passage.book(lease, this), address, travelling);
  }

  @Serial
  private void readObject(ObjectInputStream in) throws InvalidObjectException {
    throw new InvalidObjectException("a listener travels by its ticket");
  }

  private static final class Ticket implements Serializable {
    @Serial private static final long serialVersionUID = 1L;

    private final Passage passage;
    private final Address address;
    private final ConnectionOptions.Travelling options;

    Ticket(Passage passage, Address address, ConnectionOptions.Travelling options) {
      this.passage = passage;
      this.address = address;
      this.options = options;
    }

    @Serial
    private Object readResolve() throws InvalidObjectException {
      return new Listener(
          passage.arrive(), address, Objects.requireNonNull(options).toOptions(), false);
    }
  }
}
