package multiprocessing.internal.wire;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.OsException;
import multiprocessing.internal.os.SocketIo;
import multiprocessing.internal.os.UnixSocket;
import org.jspecify.annotations.Nullable;

/**
 * TLS on a socket, by the JDK's engine. One thread at a time may send, another one receive; the
 * handshake is both.
 */
final class Tls {
  /*
   * Records are read as they come, so unlike a plain socket this one may have taken bytes of the next
   * message, and what the kernel says of it is not all: whether there is something to receive is known
   * once what has come is decrypted, for it may be a message of TLS itself.
   *
   * An answer that TLS owes (to a change of keys) goes with what is sent next. Nothing is said at the
   * end: messages tell their length, and a process that is killed says nothing either.
   */
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  /** What a record holds. */
  private static final int RECORD_BYTES = 16 * 1024;

  private final int socket;
  private final SSLEngine engine;
  private final SocketIo sender;
  private final SocketIo receiver;

  /** What is encrypted and not sent yet. */
  private final ByteBuffer out;

  /** What has come and is not decrypted yet. */
  private final ByteBuffer in;

  /** What is decrypted and not taken yet. */
  private final ByteBuffer plain;

  private @Nullable SSLException failure;
  private boolean begun;

  /**
   * TLS that has not begun yet.
   *
   * @param socket the descriptor; the caller sees to it that it is open during each call
   * @param engine knows which end this is, and whom it trusts
   */
  Tls(int socket, SSLEngine engine) {
    this.socket = socket;
    this.engine = engine;
    int most = engine.getSession().getPacketBufferSize();
    this.sender = new SocketIo(most);
    this.receiver = new SocketIo(most);
    this.out = sender.buffer().asByteBuffer().limit(0);
    this.in = receiver.buffer().asByteBuffer().limit(0);
    this.plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()).limit(0);
  }

  /** Whether the socket has not taken yet all that was encrypted. */
  boolean hasToSend() {
    return out.hasRemaining();
  }

  /**
   * Goes on with the handshake.
   *
   * @param wait whether to wait for the peer, as long as the socket's time limit allows
   * @return whether it is done; else the socket is to be waited for
   * @throws SSLException if it fails; the peer is told
   * @throws EOFException if the peer closes the connection
   */
  boolean handshake(boolean wait) throws IOException {
    try {
      if (!begun) {
        begun = true;
        engine.beginHandshake();
      }
      while (flush(wait)) {
        switch (engine.getHandshakeStatus()) {
          case NEED_TASK -> runTasks();
          case NEED_WRAP -> wrap(NOTHING);
          case FINISHED, NOT_HANDSHAKING -> {
            return true;
          }
          default -> {
            Status status = unwrap().getStatus();
            if (status == Status.CLOSED) {
              throw new EOFException("the peer has ended TLS");
            }
            if (status == Status.BUFFER_UNDERFLOW && !read(wait)) {
              return false;
            }
          }
        }
      }
      return false;
    } catch (SSLException e) {
      sendAlert();
      throw e;
    }
  }

  private void sendAlert() {
    try {
      wrap(NOTHING);
    } catch (SSLException e) {
      // the engine is closed by what it says last
    }
    try {
      boolean _ = flush(false);
    } catch (OsException e) {
      // the peer is gone
    }
  }

  /**
   * Encrypts some bytes and begins to send them.
   *
   * @return how many bytes it has taken, none if the socket had other things to send; or {@link
   *     UnixSocket#NOTHING_YET} if the socket takes nothing
   */
  long send(MemorySegment bytes, boolean wait) throws SSLException {
    if (!flush(wait)) {
      return UnixSocket.NOTHING_YET;
    }
    if (bytes.byteSize() == 0) {
      return 0;
    }
    ByteBuffer some = bytes.asSlice(0, Math.min(bytes.byteSize(), RECORD_BYTES)).asByteBuffer();
    requireProgress(wrap(some));
    boolean _ = flush(wait);
    return some.position();
  }

  /**
   * Receives some bytes.
   *
   * @return how many, {@link UnixSocket#NOTHING_YET}, or -1 if the peer has closed its end
   */
  long receive(MemorySegment target, boolean wait) throws SSLException {
    if (failure != null) {
      throw failure;
    }
    try {
      if (!load(wait)) {
        return UnixSocket.NOTHING_YET;
      }
    } catch (EOFException e) {
      return -1;
    }
    int count = (int) Math.min(plain.remaining(), target.byteSize());
    MemorySegment.copy(MemorySegment.ofBuffer(plain), 0, target, 0, count);
    plain.position(plain.position() + count);
    return count;
  }

  /** Whether {@link #receive} would not wait, and does not give {@link UnixSocket#NOTHING_YET}. */
  boolean isReady() {
    try {
      return failure != null || load(false);
    } catch (SSLException e) {
      failure = e;
      return true;
    } catch (EOFException | OsException e) {
      return true; // it is found again
    }
  }

  /** Decrypts until there is something; false if there is nothing yet. */
  private boolean load(boolean wait) throws SSLException, EOFException {
    while (!plain.hasRemaining()) {
      SSLEngineResult result = unwrap();
      switch (result.getStatus()) {
        case BUFFER_UNDERFLOW -> {
          if (!read(wait)) {
            return false;
          }
        }
        case CLOSED -> throw new EOFException("the peer has ended TLS");
        default -> requireProgress(result);
      }
    }
    return true;
  }

  /** A handshake in the midst of messages would need both directions at a time. */
  private void requireProgress(SSLEngineResult result) throws SSLException {
    if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
      runTasks();
    } else if (result.bytesConsumed() == 0 && result.bytesProduced() == 0) {
      throw new SSLException("the peer wants to begin anew, which is not supported");
    }
  }

  private void runTasks() {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
  }

  private SSLEngineResult wrap(ByteBuffer source) throws SSLException {
    out.clear();
    try {
      SSLEngineResult result = engine.wrap(source, out);
      if (result.getStatus() != Status.OK) {
        throw new SSLException("TLS cannot send any more: " + result.getStatus());
      }
      return result;
    } finally {
      out.flip();
    }
  }

  private SSLEngineResult unwrap() throws SSLException {
    plain.clear();
    try {
      SSLEngineResult result = engine.unwrap(in, plain);
      if (result.getStatus() == Status.BUFFER_OVERFLOW) {
        throw new SSLException("the peer sends more at a time than was agreed");
      }
      return result;
    } finally {
      plain.flip();
    }
  }

  /** Sends what is to be sent; false if the socket does not take all of it yet. */
  private boolean flush(boolean wait) {
    while (out.hasRemaining()) {
      MemorySegment rest = sender.buffer().asSlice(out.position(), out.remaining());
      long count = sender.send(socket, rest, wait);
      if (count == UnixSocket.NOTHING_YET) {
        return false;
      }
      out.position(out.position() + (int) count);
    }
    return true;
  }

  /** Takes what has come; false if that is nothing yet. */
  private boolean read(boolean wait) throws SSLException, EOFException {
    in.compact();
    long count;
    try {
      if (!in.hasRemaining()) {
        throw new SSLException("the peer sends a record that is too long");
      }
      MemorySegment room = receiver.buffer().asSlice(in.position(), in.remaining());
      count = receiver.receive(socket, room, wait, Descriptors::close);
      in.position(in.position() + (int) Math.max(0, count));
    } finally {
      in.flip();
    }
    if (count == -1) {
      throw new EOFException("the peer has closed the connection");
    }
    return count != UnixSocket.NOTHING_YET;
  }
}
