package multiprocessing.internal.wire;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLEngine;
import multiprocessing.error.BufferTooShortException;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.SocketIo;
import multiprocessing.internal.os.Sockets;
import org.jspecify.annotations.Nullable;

/**
 * Messages over a stream socket, in the framing of CPython's {@code multiprocessing.connection}:
 * the length in four bytes, highest first, then the bytes; from 2 GiB on four bytes of -1 and the
 * length in eight.
 */
public final class MessageSocket {
  /*
   * Exactly the bytes of a message are taken from the socket, never some of the next: so a
   * connection can be handed to another process, or polled by it, between any two messages. One with
   * TLS cannot.
   *
   * Calls that wait do so in the kernel for a slice of time, by the time limit that is set at the
   * socket, and then look whether the socket was closed here, the thread interrupted, or a deadline
   * passed. An interrupt is heeded only before the first byte of a message: in the midst of one it
   * would leave both ends without knowledge of where the next begins. A message that cannot be
   * received to its end breaks the direction for the same reason.
   */
  static final int HEADER_BYTES = 4;
  private static final int LONG_HEADER_BYTES = 12;
  private static final long LARGEST_SHORT = 0x7fff_ffff;
  static final int SMALL_BUFFER = 16 * 1024;
  static final int LARGE_BUFFER = 256 * 1024;

  static final ValueLayout.OfInt LENGTH =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  static final ValueLayout.OfLong LONG_LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final Lease lease;
  private final Flow sending = new Flow();
  private final Flow receiving = new Flow();
  private final @Nullable Tls tls;
  private volatile long deadline;
  private volatile boolean hasDeadline;

  /** One direction: who uses it, its buffer, and why it is broken, if it is. */
  static final class Flow {
    final ReentrantLock lock = new ReentrantLock();
    @Nullable SocketIo io;
    @Nullable String broken;

    SocketIo io() {
      SocketIo io = this.io;
      if (io == null) {
        io = new SocketIo(SMALL_BUFFER);
        this.io = io;
      }
      return io;
    }
  }

  /**
   * A message that was received.
   *
   * @param descriptors those that came with it, which belong to the receiver
   */
  public record Received(byte[] bytes, List<Integer> descriptors) {}

  /** The socket belongs to this object from now on. */
  public MessageSocket(int socket) {
    this(socket, null);
  }

  /**
   * A socket that belongs to this object from now on.
   *
   * @param engine encrypts what goes through it, from {@link #handshake} on; null for no TLS
   */
  public MessageSocket(int socket, @Nullable SSLEngine engine) {
    lease = new Lease(socket);
    tls = engine == null ? null : new Tls(socket, engine);
    Sockets.setBlocking(socket, true);
    Sockets.setTimeouts(socket, Readiness.SLICE_MILLIS);
  }

  public Lease lease() {
    return lease;
  }

  @Nullable Tls tls() {
    return tls;
  }

  /** Whether it is encrypted, and so of use to this process only. */
  public boolean isEncrypted() {
    return tls != null;
  }

  /** Lets all calls fail that wait beyond this time, of {@link System#nanoTime}. */
  public void setDeadline(long nanoTime) {
    deadline = nanoTime;
    hasDeadline = true;
  }

  public void clearDeadline() {
    hasDeadline = false;
  }

  /** How many nanoseconds there are until the deadline. */
  long timeLeft() {
    return hasDeadline ? deadline - System.nanoTime() : Long.MAX_VALUE;
  }

  /**
   * Agrees with the peer on how to encrypt, which comes before anything else; does nothing without
   * TLS.
   *
   * @throws javax.net.ssl.SSLException if the peer cannot do so, or one end does not trust the
   *     other
   * @throws EOFException if the peer closes the connection instead
   * @throws InterruptedException if the thread is interrupted; the socket is of no use then
   */
  public void handshake() throws IOException, InterruptedException {
    Tls tls = this.tls;
    if (tls == null) {
      return;
    }
    sending.lock.lockInterruptibly();
    receiving.lock.lock();
    try {
      enter();
      Transfer transfer = new Transfer(this, receiving, Descriptors.READABLE);
      try {
        transfer.handshake(tls);
      } finally {
        transfer.end();
        lease.leave();
      }
    } finally {
      receiving.lock.unlock();
      sending.lock.unlock();
    }
  }

  /**
   * Sends a message, and descriptors with it, which stay open here.
   *
   * @param head its first bytes, few of them
   * @param body the rest
   * @throws InterruptedException if the thread was interrupted before anything was sent
   */
  public void send(MemorySegment head, MemorySegment body, int... descriptors)
      throws IOException, InterruptedException {
    sending.lock.lockInterruptibly();
    try {
      enter();
      Transfer transfer = new Transfer(this, sending, Descriptors.WRITABLE);
      try {
        requireWhole(sending);
        send(transfer, head, body, descriptors);
      } finally {
        transfer.end();
        lease.leave();
      }
    } finally {
      sending.lock.unlock();
    }
  }

  private void send(Transfer transfer, MemorySegment head, MemorySegment body, int[] descriptors)
      throws IOException, InterruptedException {
    SocketIo io = sending.io();
    long size = body.byteSize();
    if (size > SMALL_BUFFER) {
      io.growBuffer(LARGE_BUFFER);
    }
    MemorySegment buffer = io.buffer();
    long used = writeHeader(buffer, head.byteSize() + size);
    MemorySegment.copy(head, 0, buffer, used, head.byteSize());
    used += head.byteSize();
    long done = Math.min(size, buffer.byteSize() - used);
    MemorySegment.copy(body, 0, buffer, used, done);
    transfer.send(io, buffer.asSlice(0, used + done), descriptors);
    while (done < size) {
      MemorySegment piece = body.asSlice(done);
      if (!body.isNative()) {
        piece = buffer.asSlice(0, Math.min(size - done, buffer.byteSize()));
        MemorySegment.copy(body, done, piece, 0, piece.byteSize());
      }
      transfer.send(io, piece);
      done += piece.byteSize();
    }
  }

  static int writeHeader(MemorySegment buffer, long size) {
    if (size <= LARGEST_SHORT) {
      buffer.set(LENGTH, 0, (int) size);
      return HEADER_BYTES;
    }
    buffer.set(LENGTH, 0, -1);
    buffer.set(LONG_LENGTH, HEADER_BYTES, size);
    return LONG_HEADER_BYTES;
  }

  /**
   * Receives the next message.
   *
   * @param most how many bytes it may have; a longer one breaks this direction
   * @throws EOFException if the peer has closed its end, and there is no message left
   * @throws InterruptedException if the thread was interrupted before a message came
   */
  public Received receive(long most) throws IOException, InterruptedException {
    receiving.lock.lockInterruptibly();
    try {
      enter();
      Transfer transfer = new Transfer(this, receiving, Descriptors.READABLE);
      try {
        requireWhole(receiving);
        SocketIo io = receiving.io();
        byte[] bytes = transfer.readBytes(io, transfer.readLength(io, most));
        return new Received(bytes, transfer.unload());
      } finally {
        transfer.end();
        lease.leave();
      }
    } finally {
      receiving.lock.unlock();
    }
  }

  /**
   * Receives the next message into memory.
   *
   * @return how many bytes it has
   * @throws BufferTooShortException if it is larger than the memory; the exception has it then
   */
  public long receiveInto(MemorySegment target, long most)
      throws IOException, InterruptedException {
    receiving.lock.lockInterruptibly();
    try {
      enter();
      Transfer transfer = new Transfer(this, receiving, Descriptors.READABLE);
      try {
        requireWhole(receiving);
        SocketIo io = receiving.io();
        long length = transfer.readLength(io, most);
        if (length > target.byteSize()) {
          throw new BufferTooShortException(transfer.readBytes(io, length), target.byteSize());
        }
        transfer.readInto(io, target, length);
        return length;
      } finally {
        transfer.end();
        lease.leave();
      }
    } finally {
      receiving.lock.unlock();
    }
  }

  /**
   * Waits until there is a message, or a part of one, or the peer has closed its end.
   *
   * @return false if the time ran out
   */
  public boolean poll(long nanos) throws IOException, InterruptedException {
    enter();
    try {
      long end = System.nanoTime() + nanos;
      while (true) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        if (lease.isClosed()) {
          throw new IOException("the connection was closed while it was polled");
        }
        if (hasSome()) {
          return true;
        }
        long left = nanos == Long.MAX_VALUE ? nanos : end - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        Readiness.await(lease, Descriptors.READABLE, left);
      }
    } finally {
      lease.leave();
    }
  }

  /** Whether {@link #poll} would not wait. */
  public boolean isReady() throws IOException {
    enter();
    try {
      return hasSome();
    } finally {
      lease.leave();
    }
  }

  private boolean hasSome() {
    if (tls != null && receiving.lock.tryLock()) {
      try {
        return tls.isReady();
      } finally {
        receiving.lock.unlock();
      }
    }
    return Descriptors.await(new int[] {lease.descriptor()}, 0)[0];
  }

  /** Whether nothing can be received any more, as a message could not be received to its end. */
  public boolean isReceivingBroken() {
    return receiving.broken != null;
  }

  public boolean close() {
    return lease.close();
  }

  private void enter() throws IOException {
    if (!lease.enter()) {
      throw new IOException("the connection is closed");
    }
  }

  private static void requireWhole(Flow flow) throws IOException {
    if (flow.broken != null) {
      throw new IOException("the connection cannot be used any more: " + flow.broken);
    }
  }
}
