package multiprocessing.connection;

import java.io.IOException;
import java.net.SocketTimeoutException;
import javax.net.ssl.SSLEngine;
import multiprocessing.connection.Connection.Terms;
import multiprocessing.connection.Connection.Trust;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.OsException;
import multiprocessing.internal.os.SocketName;
import multiprocessing.internal.os.Sockets;
import multiprocessing.internal.wire.Lease;
import multiprocessing.internal.wire.Readiness;

/**
 * Connects to a {@link Listener}, or to one of Python's. The counterpart of {@code
 * multiprocessing.connection.Client}.
 */
public final class Client {
  private Client() {}

  /**
   * Connects without a secret.
   *
   * @param address where the listener is
   * @return the connection
   * @throws java.net.ConnectException if nobody listens there
   * @throws IOException if there is no way to it
   * @throws InterruptedException if the thread is interrupted
   */
  public static Connection connect(Address address) throws IOException, InterruptedException {
    return connect(address, ConnectionOptions.defaults());
  }

  /**
   * Connects, and proves to each other that both ends have the same secret.
   *
   * @param address where the listener is
   * @param authKey the secret
   * @return the connection
   * @throws multiprocessing.error.AuthenticationException if the other end has another secret
   * @throws java.net.ConnectException if nobody listens there
   * @throws IOException if there is no way to it
   * @throws InterruptedException if the thread is interrupted
   */
  public static Connection connect(Address address, byte[] authKey)
      throws IOException, InterruptedException {
    return connect(address, ConnectionOptions.builder().authKey(authKey).build());
  }

  /**
   * Connects.
   *
   * @param address where the listener is
   * @param options a secret, limits and so on
   * @return the connection
   * @throws multiprocessing.error.AuthenticationException if the other end has another secret, or
   *     one end does not speak TLS, or not with the other
   * @throws java.net.ConnectException if nobody listens there
   * @throws IOException if there is no way to it, or no answer in time
   * @throws InterruptedException if the thread is interrupted
   */
  public static Connection connect(Address address, ConnectionOptions options)
      throws IOException, InterruptedException {
    IOException failure = null;
    for (SocketName name : address.toNames()) {
      try {
        return connect(name, address, options);
      } catch (IOException e) {
        failure = failure == null ? e : failure;
      }
    }
    throw failure == null ? new IOException("no such host: " + address) : failure;
  }

  private static Connection connect(SocketName name, Address address, ConnectionOptions options)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + Times.nanos(options.handshakeTimeout());
    SSLEngine engine = options.engine(address, false);
    int socket = Sockets.open(name.family());
    boolean done = false;
    Connection connection;
    try {
      connect(socket, name, deadline);
      connection = new Connection(socket, terms(socket, name, options), engine);
      done = true;
    } catch (OsException e) {
      throw Refusals.of("cannot connect to " + address, e);
    } finally {
      if (!done) {
        Descriptors.close(socket);
      }
    }
    Handshake.run(connection, options, false);
    return connection;
  }

  private static void connect(int socket, SocketName name, long deadline)
      throws IOException, InterruptedException {
    Lease lease = new Lease(socket);
    boolean isUnix = name.family() == SocketName.UNIX;
    Sockets.setTimeouts(socket, Readiness.SLICE_MILLIS);
    boolean connected = Sockets.connect(socket, name);
    while (!connected) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw new SocketTimeoutException("nobody answers at " + Address.ofName(name));
      }
      if (isUnix) {
        connected = Sockets.connect(socket, name);
      } else {
        Readiness.await(lease, Descriptors.WRITABLE, left);
        connected = Descriptors.await(new int[] {socket}, new short[] {Descriptors.WRITABLE}, 0)[0];
      }
    }
    Sockets.requireNoError(socket);
  }

  /** The terms of a connection that was made by an address. */
  static Terms terms(int socket, SocketName name, ConnectionOptions options) {
    boolean isUnix = name.family() == SocketName.UNIX;
    if (!isUnix) {
      Sockets.setNoDelay(socket);
    }
    boolean isOwn = isUnix && Sockets.peerUser(socket) == Sockets.ownUser();
    Trust trust = isOwn || options.authKey() != null ? Trust.PEER : Trust.NOBODY;
    return new Terms(true, true, isUnix, trust, options.maxMessageBytes(), options.filter());
  }
}
