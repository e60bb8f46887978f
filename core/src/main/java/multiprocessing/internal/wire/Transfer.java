package multiprocessing.internal.wire;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLException;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.Errno;
import multiprocessing.internal.os.OsException;
import multiprocessing.internal.os.SocketIo;
import multiprocessing.internal.os.UnixSocket;
import org.jspecify.annotations.Nullable;

/** One message on its way through one direction of a {@link MessageSocket}. */
final class Transfer {
  /** What an array can hold on every virtual machine. */
  private static final long LARGEST_ARRAY = Integer.MAX_VALUE - 8;

  /** How much room is made for what a length promises, before any of it has come. */
  private static final int FIRST_ROOM = 16 * 1024 * 1024;

  private static final int GROWTH = 4;

  /** The first bytes of what TLS sends, taken for a length. */
  private static final long FIRST_OF_TLS = 0x1403_0000;

  private static final long LAST_OF_TLS = 0x1703_ffff;

  private final MessageSocket socket;
  private final MessageSocket.Flow flow;
  private final short events;
  private final List<Integer> arrived = new ArrayList<>();
  private final boolean isVirtual = Thread.currentThread().isVirtual();
  private boolean begun;
  private boolean interrupted;

  /**
   * A message that has not begun yet.
   *
   * @param flow its direction, which the current thread has to itself
   * @param events what is to be waited for there, of {@link Descriptors}
   */
  Transfer(MessageSocket socket, MessageSocket.Flow flow, short events) {
    this.socket = socket;
    this.flow = flow;
    this.events = events;
  }

  /** To be called in the end, whatever happened. */
  void end() {
    arrived.forEach(Descriptors::close);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Gives the descriptors that came with the message. */
  List<Integer> unload() {
    List<Integer> all = List.copyOf(arrived);
    arrived.clear();
    return all;
  }

  private IOException broken(String why) {
    return broken(why, null);
  }

  private IOException broken(String why, @Nullable Exception cause) {
    if (begun) {
      flow.broken = why;
    }
    return new IOException(why, cause);
  }

  /** Throws if this transfer is not to go on waiting. */
  private void check() throws IOException, InterruptedException {
    if (Thread.interrupted()) {
      if (!begun) {
        throw new InterruptedException();
      }
      interrupted = true;
    }
    if (socket.lease().isClosed()) {
      throw broken("it was closed by another thread");
    }
    if (socket.timeLeft() <= 0) {
      if (begun) {
        flow.broken = "a message did not come to its end in time";
      }
      throw new SocketTimeoutException("the peer did not answer in time");
    }
  }

  private void await(short events) {
    if (isVirtual) {
      Readiness.await(socket.lease(), events, socket.timeLeft());
    }
  }

  /** Has the two ends agree on their keys. */
  void handshake(Tls tls) throws IOException, InterruptedException {
    try {
      while (!tls.handshake(!isVirtual)) {
        check();
        await(tls.hasToSend() ? Descriptors.WRITABLE : Descriptors.READABLE);
      }
    } catch (OsException e) {
      throw isGone(e)
          ? new EOFException("the peer has closed the connection")
          : new IOException(e.getMessage(), e);
    }
  }

  private static boolean isGone(OsException e) {
    return e.errno() == Errno.EPIPE || e.errno() == Errno.ECONNRESET;
  }

  void send(SocketIo io, MemorySegment bytes, int... descriptors)
      throws IOException, InterruptedException {
    Tls tls = socket.tls();
    long done = 0;
    while (done < bytes.byteSize() || (tls != null && tls.hasToSend())) {
      check();
      MemorySegment rest = bytes.asSlice(done);
      long count;
      try {
        int[] along = done == 0 ? descriptors : new int[0];
        count =
            tls == null
                ? io.send(socket.lease().descriptor(), rest, !isVirtual, along)
                : tls.send(rest, !isVirtual);
      } catch (OsException e) {
        boolean gone = isGone(e);
        flow.broken = gone ? "the peer has closed it" : e.getMessage();
        throw new IOException(gone ? "the peer has closed the connection" : e.getMessage(), e);
      } catch (SSLException e) {
        flow.broken = e.getMessage();
        throw e;
      }
      if (count == UnixSocket.NOTHING_YET) {
        await(events);
      } else {
        begun = true;
        done += count;
      }
    }
  }

  /** Receives some bytes, at least one; gives -1 at the end of the stream. */
  private long some(SocketIo io, MemorySegment target) throws IOException, InterruptedException {
    Tls tls = socket.tls();
    while (true) {
      check();
      long count;
      try {
        count =
            tls == null
                ? io.receive(socket.lease().descriptor(), target, !isVirtual, arrived::add)
                : tls.receive(target, !isVirtual);
      } catch (OsException | IllegalStateException | SSLException e) {
        begun = true;
        throw broken(String.valueOf(e.getMessage()), e);
      }
      if (count != UnixSocket.NOTHING_YET) {
        return count;
      }
      await(events);
    }
  }

  private void fill(SocketIo io, MemorySegment target) throws IOException, InterruptedException {
    long done = 0;
    while (done < target.byteSize()) {
      long count = some(io, target.asSlice(done));
      if (count < 0) {
        if (!begun) {
          throw new EOFException("the peer has closed the connection");
        }
        throw broken("the peer closed it in the midst of a message");
      }
      begun = true;
      done += count;
    }
  }

  long readLength(SocketIo io, long most) throws IOException, InterruptedException {
    MemorySegment header = io.buffer().asSlice(0, MessageSocket.HEADER_BYTES);
    fill(io, header);
    long length = header.get(MessageSocket.LENGTH, 0);
    if (length == -1) {
      MemorySegment rest = io.buffer().asSlice(0, Long.BYTES);
      fill(io, rest);
      length = rest.get(MessageSocket.LONG_LENGTH, 0);
    }
    if (length < 0 || length > most) {
      throw broken(
          "bad message length: the peer announces "
              + Long.toUnsignedString(length)
              + " bytes, and at most "
              + most
              + " are wanted"
              + (length >= FIRST_OF_TLS && length <= LAST_OF_TLS
                  ? "; it seems to speak TLS, which both ends need to be told"
                  : ""));
    }
    return length;
  }

  byte[] readBytes(SocketIo io, long length) throws IOException, InterruptedException {
    if (length > LARGEST_ARRAY) {
      throw broken(
          "a message of "
              + length
              + " bytes does not fit into an array; receive it into a memory segment");
    }
    byte[] bytes = new byte[(int) Math.min(length, FIRST_ROOM)];
    int done = 0;
    while (done < length) {
      if (done == bytes.length) {
        bytes = Arrays.copyOf(bytes, (int) Math.min(length, (long) bytes.length * GROWTH));
      }
      MemorySegment room = MemorySegment.ofArray(bytes).asSlice(done);
      done += (int) piece(io, room, length - done);
    }
    return bytes;
  }

  void readInto(SocketIo io, MemorySegment target, long length)
      throws IOException, InterruptedException {
    long done = 0;
    while (done < length) {
      done += piece(io, target.asSlice(done), length - done);
    }
  }

  /** Receives some of the bytes of a message, at least one. */
  private long piece(SocketIo io, MemorySegment room, long left)
      throws IOException, InterruptedException {
    if (left > MessageSocket.SMALL_BUFFER) {
      io.growBuffer(MessageSocket.LARGE_BUFFER);
    }
    long most = Math.min(left, room.byteSize());
    MemorySegment place =
        room.isNative()
            ? room.asSlice(0, most)
            : io.buffer().asSlice(0, Math.min(most, io.buffer().byteSize()));
    long count = some(io, place);
    if (count < 0) {
      throw broken("the peer closed it in the midst of a message");
    }
    if (!room.isNative()) {
      MemorySegment.copy(place, 0, room, 0, count);
    }
    return count;
  }
}
