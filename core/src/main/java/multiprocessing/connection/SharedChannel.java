package multiprocessing.connection;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.InvalidObjectException;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.Serial;
import java.io.Serializable;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.OsException;
import multiprocessing.internal.os.SocketIo;
import multiprocessing.internal.os.UnixSocket;
import multiprocessing.internal.wire.Lease;
import multiprocessing.internal.wire.Readiness;

/**
 * A socket or a file that can be sent to another process. The counterpart of sending a socket, and
 * of {@code multiprocessing.reduction.send_handle}.
 *
 * {@snippet :
 * SocketChannel accepted = server.accept();
 * SharedChannel shared = SharedChannel.of(accepted);
 * accepted.close();
 * queue.put(shared); // a worker takes it, and serves the client
 * shared.close();
 * }
 *
 * <p>It is a descriptor of its own for the same open socket or file: closing one of them leaves the
 * others open, and what one reads the others do not. A file's place is shared as well.
 *
 * <p>Threads that read wait for each other, and so do threads that write. An interrupt ends a wait
 * with an {@link InterruptedIOException}, and leaves the channel open.
 *
 * <h2>Sharing</h2>
 *
 * Travels as a {@link Connection} does.
 *
 * <h2>Memory effects</h2>
 *
 * None between processes.
 *
 * <h2>If a process dies</h2>
 *
 * The kernel closes what it had. A socket's peer finds its end when no process has the socket.
 *
 * <h2>Cost</h2>
 *
 * A system call for each read and write, and a copy more than a channel of the JDK.
 */
public final class SharedChannel implements ByteChannel, Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private static final int BUFFER_BYTES = 32 * 1024;

  private final transient Lease lease;
  private final transient boolean isSocket;
  private final transient ReentrantLock reading = new ReentrantLock();
  private final transient ReentrantLock writing = new ReentrantLock();
  private final transient SocketIo in = new SocketIo(BUFFER_BYTES);
  private final transient SocketIo out = new SocketIo(BUFFER_BYTES);

  private SharedChannel(int descriptor, boolean isSocket) {
    this.lease = new Lease(descriptor);
    this.isSocket = isSocket;
  }

  /**
   * Returns a channel for the socket of another one, which stays open and may be closed.
   *
   * @param channel a connected TCP socket
   * @return the channel
   * @throws IOException if it is not connected, or is no TCP socket
   */
  public static SharedChannel of(SocketChannel channel) throws IOException {
    SocketAddress local = channel.getLocalAddress();
    SocketAddress peer = channel.getRemoteAddress();
    if (!(local instanceof InetSocketAddress) || !(peer instanceof InetSocketAddress)) {
      throw new IOException("only connected TCP sockets can be shared, not " + channel);
    }
    return new SharedChannel(JdkSockets.copy(local, peer), true);
  }

  /**
   * Opens a file for reading.
   *
   * @param file the file
   * @return the channel
   * @throws IOException if it cannot be opened
   */
  public static SharedChannel reading(Path file) throws IOException {
    try {
      return new SharedChannel(Descriptors.openForReading(file.toString()), false);
    } catch (OsException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /**
   * Opens a file for writing, and makes it if there is none.
   *
   * @param file the file
   * @param append whether what is in it stays
   * @return the channel
   * @throws IOException if it cannot be opened
   */
  public static SharedChannel writing(Path file, boolean append) throws IOException {
    try {
      return new SharedChannel(Descriptors.openForWriting(file.toString(), append), false);
    } catch (OsException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    if (!target.hasRemaining()) {
      return 0;
    }
    reading.lock();
    try {
      long most = Math.min(target.remaining(), BUFFER_BYTES);
      MemorySegment buffer = in.buffer().asSlice(0, most);
      long count = transfer(Descriptors.READABLE, descriptor -> readSome(descriptor, buffer));
      if (count <= 0) {
        return -1;
      }
      target.put(buffer.asSlice(0, count).asByteBuffer());
      return (int) count;
    } finally {
      reading.unlock();
    }
  }

  private long readSome(int descriptor, MemorySegment buffer) {
    return isSocket
        ? in.receive(descriptor, buffer, false, Descriptors::close)
        : Descriptors.read(descriptor, buffer);
  }

  /**
   * Writes all that remains in a buffer.
   *
   * @param source the buffer
   * @return how many bytes that were
   * @throws IOException if the peer is gone, the system refuses, or the channel is closed
   */
  @Override
  public int write(ByteBuffer source) throws IOException {
    writing.lock();
    try {
      int total = source.remaining();
      while (source.hasRemaining()) {
        int size = Math.min(source.remaining(), BUFFER_BYTES);
        MemorySegment buffer = out.buffer().asSlice(0, size);
        buffer.asByteBuffer().put(source.slice(source.position(), size));
        long count = transfer(Descriptors.WRITABLE, descriptor -> writeSome(descriptor, buffer));
        source.position(source.position() + (int) count);
      }
      return total;
    } finally {
      writing.unlock();
    }
  }

  private long writeSome(int descriptor, MemorySegment buffer) {
    return isSocket ? out.send(descriptor, buffer, false) : Descriptors.write(descriptor, buffer);
  }

  /** One call to the system, which may have to be made again. */
  private interface Call {
    long on(int descriptor);
  }

  private long transfer(short events, Call call) throws IOException {
    if (!lease.enter()) {
      throw new ClosedChannelException();
    }
    try {
      while (true) {
        if (lease.isClosed()) {
          throw new ClosedChannelException();
        }
        if (Thread.currentThread().isInterrupted()) {
          throw new InterruptedIOException("interrupted while waiting for a channel");
        }
        long count = call.on(lease.descriptor());
        if (count != UnixSocket.NOTHING_YET) {
          return count;
        }
        Readiness.await(lease, events, Long.MAX_VALUE);
      }
    } catch (OsException e) {
      throw new IOException(e.getMessage(), e);
    } finally {
      lease.leave();
    }
  }

  @Override
  public boolean isOpen() {
    return !lease.isClosed();
  }

  /** Closes this descriptor. Does nothing the second time. */
  @Override
  public void close() {
    boolean _ = lease.close();
  }

  @Override
  public String toString() {
    String kind = isSocket ? "socket" : "file";
    return "SharedChannel[" + (isOpen() ? kind + " " + lease.descriptor() : "closed") + "]";
  }

  @Serial
  private Object writeReplace() throws NotSerializableException {
    return new Ticket(Passage.book(lease, this), isSocket);
  }

  @Serial
  private void readObject(ObjectInputStream in) throws InvalidObjectException {
    throw new InvalidObjectException("a channel travels by its ticket");
  }

  private static final class Ticket implements Serializable {
    @Serial private static final long serialVersionUID = 1L;

    private final Passage passage;
    private final boolean isSocket;

    Ticket(Passage passage, boolean isSocket) {
      this.passage = passage;
      this.isSocket = isSocket;
    }

    @Serial
    private Object readResolve() throws InvalidObjectException {
      return new SharedChannel(passage.arrive(), isSocket);
    }
  }
}
