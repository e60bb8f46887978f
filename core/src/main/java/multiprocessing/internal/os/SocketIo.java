package multiprocessing.internal.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import multiprocessing.internal.os.UnixSocket.DescriptorSink;

/**
 * Sends or receives on stream sockets, with the kernel's structures and a buffer made once.
 *
 * <p>For one thread at a time. Whether a call waits is said by the caller; one that waits does so
 * as long as the socket's time limit allows.
 */
public final class SocketIo {
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;

  private final MemorySegment control;
  private final MemorySegment vector;
  private final MemorySegment message;
  private MemorySegment buffer;

  /**
   * With a buffer of its own.
   *
   * @param bufferBytes how large the buffer is at first
   */
  public SocketIo(int bufferBytes) {
    Arena arena = Arena.ofAuto();
    control = arena.allocate(UnixSocket.CONTROL_BYTES, 8);
    vector = arena.allocate(UnixSocket.IOVEC_BYTES, 8);
    message = arena.allocate(UnixSocket.MSGHDR_BYTES, 8);
    buffer = Arena.ofAuto().allocate(bufferBytes, 8);
  }

  /** The buffer; what is in it is lost with the next {@link #growBuffer}. */
  public MemorySegment buffer() {
    return buffer;
  }

  /** Makes the buffer at least so large. */
  public void growBuffer(int bytes) {
    if (buffer.byteSize() < bytes) {
      buffer = Arena.ofAuto().allocate(bytes, 8);
    }
  }

  /**
   * Sends some of the bytes, and all of the descriptors with the first of them.
   *
   * @param bytes native memory, not empty
   * @return how many bytes went, or {@link UnixSocket#NOTHING_YET}
   * @throws OsException with {@link Errno#EPIPE} or {@link Errno#ECONNRESET} if the peer is gone
   */
  public long send(int socket, MemorySegment bytes, boolean wait, int... descriptors) {
    int flags = MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT);
    long sent;
    if (descriptors.length == 0) {
      sent =
          SystemCall.retrying(
              SystemCall.SENDTO, socket, bytes.address(), bytes.byteSize(), flags, 0, 0);
    } else {
      long used = UnixSocket.writeControl(control, descriptors);
      UnixSocket.writeHeader(message, vector, bytes, control.asSlice(0, used));
      sent = SystemCall.retrying(SystemCall.SENDMSG, socket, message.address(), flags);
    }
    if (sent == -Errno.EAGAIN) {
      return UnixSocket.NOTHING_YET;
    }
    if (sent < 0) {
      throw new OsException("send on a socket", (int) -sent);
    }
    return sent;
  }

  /**
   * Receives what is there, at most as much as there is room for.
   *
   * @param target native memory, not empty
   * @return how many bytes came, {@link UnixSocket#NOTHING_YET}, or -1 if the peer has closed its
   *     end
   */
  public long receive(int socket, MemorySegment target, boolean wait, DescriptorSink descriptors) {
    UnixSocket.writeHeader(message, vector, target, control);
    int flags = MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT);
    long result = SystemCall.retrying(SystemCall.RECVMSG, socket, message.address(), flags);
    if (result == -Errno.EAGAIN) {
      return UnixSocket.NOTHING_YET;
    }
    if (result == 0 || result == -Errno.ECONNRESET) {
      return -1;
    }
    if (result < 0) {
      throw new OsException("receive on a socket", (int) -result);
    }
    UnixSocket.deliver(message, control, descriptors);
    return result;
  }
}
