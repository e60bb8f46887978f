package multiprocessing.internal.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Stream sockets of one machine, which carry bytes and descriptors. */
public final class UnixSocket {
  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM_CLOEXEC = 1 | 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;
  private static final int MSG_CTRUNC = 8;
  private static final int SHUT_RDWR = 2;

  // struct msghdr, struct iovec and struct cmsghdr of 64-bit Linux
  static final int MSGHDR_BYTES = 56;
  private static final int MSG_IOV = 16;
  private static final int MSG_IOVLEN = 24;
  private static final int MSG_CONTROL = 32;
  private static final int MSG_CONTROLLEN = 40;
  private static final int MSG_FLAGS = 48;
  static final int IOVEC_BYTES = 16;
  private static final int CMSG_BYTES = 16;
  private static final int CMSG_LEVEL = 8;
  private static final int CMSG_TYPE = 12;

  /** How many descriptors one message can carry. */
  public static final int MAX_DESCRIPTORS = 64;

  static final long CONTROL_BYTES = align(CMSG_BYTES + (long) Integer.BYTES * MAX_DESCRIPTORS);

  /** What {@link #receive} gives where it would have to wait and was told not to. */
  public static final int NOTHING_YET = -2;

  private UnixSocket() {}

  /** Makes two connected sockets; both are closed in programs that are started. */
  public static int[] pair() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment two = arena.allocate(Native.INT, 2);
      SystemCall.checked(
          "socketpair", SystemCall.SOCKETPAIR, AF_UNIX, SOCK_STREAM_CLOEXEC, 0, two.address());
      return new int[] {two.getAtIndex(Native.INT, 0), two.getAtIndex(Native.INT, 1)};
    }
  }

  /**
   * Sends some of the bytes, and all of the descriptors with the first of them.
   *
   * @return how many bytes went, at least one
   * @throws OsException with {@link Errno#EPIPE} or {@link Errno#ECONNRESET} if the peer is gone
   */
  public static int send(int socket, byte[] bytes, int offset, int... descriptors) {
    if (HelperLibrary.IS_LINKED && descriptors.length == 0) {
      return sent(HelperCalls.send(socket, bytes, offset));
    }
    try (Arena arena = Arena.ofConfined()) {
      int length = bytes.length - offset;
      MemorySegment body = arena.allocate(Math.max(1, length));
      MemorySegment.copy(bytes, offset, body, ValueLayout.JAVA_BYTE, 0, length);
      long sent =
          descriptors.length == 0
              ? SystemCall.retrying(
                  SystemCall.SENDTO, socket, body.address(), length, MSG_NOSIGNAL, 0, 0)
              : SystemCall.retrying(
                  SystemCall.SENDMSG,
                  socket,
                  header(arena, body, length, control(arena, descriptors)).address(),
                  MSG_NOSIGNAL);
      return sent(sent);
    }
  }

  private static int sent(long result) {
    if (result < 0) {
      throw new OsException("send on a socket", (int) -result);
    }
    return (int) result;
  }

  private static MemorySegment control(Arena arena, int[] descriptors) {
    MemorySegment control = arena.allocate(CONTROL_BYTES, 8);
    return control.asSlice(0, writeControl(control, descriptors));
  }

  /** Writes what makes descriptors travel; gives how much of the memory that takes. */
  static long writeControl(MemorySegment control, int[] descriptors) {
    long used = CMSG_BYTES + (long) Integer.BYTES * descriptors.length;
    control.set(Native.LONG, 0, used);
    control.set(Native.INT, CMSG_LEVEL, SOL_SOCKET);
    control.set(Native.INT, CMSG_TYPE, SCM_RIGHTS);
    for (int i = 0; i < descriptors.length; i++) {
      control.set(Native.INT, CMSG_BYTES + (long) Integer.BYTES * i, descriptors[i]);
    }
    return align(used);
  }

  /** Descriptors that came with the bytes of one {@link #receive}. */
  public interface DescriptorSink {
    void accept(int descriptor);
  }

  /**
   * Receives what is there, at most {@code length} bytes; waits for the first of them.
   *
   * @param wait false to give {@link #NOTHING_YET} instead of waiting
   * @return how many bytes came, or -1 if the peer has closed its end
   */
  public static int receive(
      int socket, byte[] bytes, int offset, boolean wait, DescriptorSink descriptors) {
    if (HelperLibrary.IS_LINKED) {
      return receiveByHelper(socket, bytes, offset, wait, descriptors);
    }
    try (Arena arena = Arena.ofConfined()) {
      int length = bytes.length - offset;
      MemorySegment body = arena.allocate(Math.max(1, length));
      MemorySegment control = arena.allocate(CONTROL_BYTES, 8);
      MemorySegment message = header(arena, body, length, control);
      long result =
          SystemCall.retrying(
              SystemCall.RECVMSG,
              socket,
              message.address(),
              MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
      if (result > 0) {
        deliver(message, control, descriptors);
        MemorySegment.copy(body, ValueLayout.JAVA_BYTE, 0, bytes, offset, (int) result);
      }
      return received(result);
    }
  }

  private static int received(long result) {
    if (result == -Errno.EAGAIN) {
      return NOTHING_YET;
    }
    if (result == 0 || result == -Errno.ECONNRESET) {
      return -1;
    }
    if (result < 0) {
      throw new OsException("receive on a socket", (int) -result);
    }
    return (int) result;
  }

  private static int receiveByHelper(
      int socket, byte[] bytes, int offset, boolean wait, DescriptorSink descriptors) {
    int[] arrived = new int[1 + MAX_DESCRIPTORS];
    int result = HelperCalls.receive(socket, bytes, offset, wait, arrived);
    if (result > 0) {
      if (arrived[0] < 0) {
        throw lost();
      }
      for (int i = 1; i <= arrived[0]; i++) {
        descriptors.accept(arrived[i]);
      }
    }
    return received(result);
  }

  private static IllegalStateException lost() {
    return new IllegalStateException(
        "descriptors were lost on a socket: this process has too many open files");
  }

  static void deliver(MemorySegment message, MemorySegment control, DescriptorSink descriptors) {
    boolean any = message.get(Native.LONG, MSG_CONTROLLEN) >= CMSG_BYTES;
    long end = any ? control.get(Native.LONG, 0) : 0;
    for (long at = CMSG_BYTES; at < end; at += Integer.BYTES) {
      descriptors.accept(control.get(Native.INT, at));
    }
    if ((message.get(Native.INT, MSG_FLAGS) & MSG_CTRUNC) != 0) {
      throw lost();
    }
  }

  private static MemorySegment header(
      Arena arena, MemorySegment body, long length, MemorySegment control) {
    MemorySegment message = arena.allocate(MSGHDR_BYTES, 8);
    MemorySegment vector = arena.allocate(IOVEC_BYTES, 8);
    writeHeader(message, vector, body.asSlice(0, length), control);
    return message;
  }

  /** Fills in a message of one piece; the memory of the header was zero at first. */
  static void writeHeader(
      MemorySegment message, MemorySegment vector, MemorySegment body, MemorySegment control) {
    vector.set(Native.LONG, 0, body.address());
    vector.set(Native.LONG, 8, body.byteSize());
    message.set(Native.LONG, MSG_IOV, vector.address());
    message.set(Native.LONG, MSG_IOVLEN, 1);
    message.set(Native.LONG, MSG_CONTROL, control.address());
    message.set(Native.LONG, MSG_CONTROLLEN, control.byteSize());
    message.set(Native.INT, MSG_FLAGS, 0);
  }

  private static long align(long bytes) {
    return (bytes + 7) & ~7;
  }

  /** Ends a connection in both directions, so that whoever waits on it sees its end. */
  public static void shutdown(int socket) {
    SystemCall.call(SystemCall.SHUTDOWN, socket, SHUT_RDWR);
  }
}
