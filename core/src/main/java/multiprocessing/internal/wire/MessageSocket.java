package multiprocessing.internal.wire;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.SocketTimeoutException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import multiprocessing.error.BufferTooShortException;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.Errno;
import multiprocessing.internal.os.OsException;
import multiprocessing.internal.os.SocketIo;
import multiprocessing.internal.os.Sockets;
import multiprocessing.internal.os.UnixSocket;
import org.jspecify.annotations.Nullable;

/**
 * Messages over a stream socket, in the framing of CPython's {@code multiprocessing.connection}:
 * the length in four bytes, highest first, then the bytes; from 2 GiB on four bytes of -1 and the
 * length in eight.
 */
public final class MessageSocket {
  /*
   * Exactly the bytes of a message are taken from the socket, never some of the next: so a
   * connection can be handed to another process, or polled by it, between any two messages.
   *
   * Calls that wait do so in the kernel for a slice of time, by the time limit that is set at the
   * socket, and then look whether the socket was closed here, the thread interrupted, or a deadline
   * passed. An interrupt is heeded only before the first byte of a message: in the midst of one it
   * would leave both ends without knowledge of where the next begins. A message that cannot be
   * received to its end breaks the direction for the same reason.
   */
  private static final int HEADER_BYTES = 4;
  private static final int LONG_HEADER_BYTES = 12;
  private static final long LARGEST_SHORT = 0x7fff_ffff;

  /** What an array can hold on every virtual machine. */
  private static final long LARGEST_ARRAY = Integer.MAX_VALUE - 8;

  private static final int SMALL_BUFFER = 16 * 1024;
  private static final int LARGE_BUFFER = 256 * 1024;

  /** How much room is made for what a length promises, before any of it has come. */
  private static final int FIRST_ROOM = 16 * 1024 * 1024;

  private static final int GROWTH = 4;

  private static final ValueLayout.OfInt LENGTH =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong LONG_LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final Lease lease;
  private final Flow sending = new Flow();
  private final Flow receiving = new Flow();
  private final List<Integer> arrived = new ArrayList<>();
  private volatile long deadline;
  private volatile boolean hasDeadline;

  /** One direction: who uses it, its buffer, and why it is broken, if it is. */
  private static final class Flow {
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
    lease = new Lease(socket);
    Sockets.setBlocking(socket, true);
    Sockets.setTimeouts(socket, Readiness.SLICE_MILLIS);
  }

  public Lease lease() {
    return lease;
  }

  /** Lets all calls fail that wait beyond this time, of {@link System#nanoTime}. */
  public void setDeadline(long nanoTime) {
    deadline = nanoTime;
    hasDeadline = true;
  }

  public void clearDeadline() {
    hasDeadline = false;
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
      Transfer transfer = new Transfer(sending, Descriptors.WRITABLE);
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
      Transfer transfer = new Transfer(receiving, Descriptors.READABLE);
      try {
        requireWhole(receiving);
        SocketIo io = receiving.io();
        byte[] bytes = transfer.readBytes(io, transfer.readLength(io, most));
        return new Received(bytes, unload());
      } finally {
        transfer.end();
        closeArrived();
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
      Transfer transfer = new Transfer(receiving, Descriptors.READABLE);
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
        closeArrived();
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
        if (Descriptors.await(new int[] {lease.descriptor()}, 0)[0]) {
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
      return Descriptors.await(new int[] {lease.descriptor()}, 0)[0];
    } finally {
      lease.leave();
    }
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

  private List<Integer> unload() {
    List<Integer> all = List.copyOf(arrived);
    arrived.clear();
    return all;
  }

  private void closeArrived() {
    arrived.forEach(Descriptors::close);
    arrived.clear();
  }

  /** One message on its way. */
  private final class Transfer {
    private final Flow flow;
    private final short events;
    private final boolean isVirtual = Thread.currentThread().isVirtual();
    private boolean begun;
    private boolean interrupted;

    Transfer(Flow flow, short events) {
      this.flow = flow;
      this.events = events;
    }

    /** To be called in the end, whatever happened. */
    void end() {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    private IOException broken(String why) {
      if (begun) {
        flow.broken = why;
      }
      return new IOException(why);
    }

    /** Throws if this transfer is not to go on waiting. */
    private void check() throws IOException, InterruptedException {
      if (Thread.interrupted()) {
        if (!begun) {
          throw new InterruptedException();
        }
        interrupted = true;
      }
      if (lease.isClosed()) {
        throw broken("it was closed by another thread");
      }
      if (hasDeadline && System.nanoTime() - deadline >= 0) {
        if (begun) {
          flow.broken = "a message did not come to its end in time";
        }
        throw new SocketTimeoutException("the peer did not answer in time");
      }
    }

    private void await() {
      if (isVirtual) {
        long left = hasDeadline ? deadline - System.nanoTime() : Long.MAX_VALUE;
        Readiness.await(lease, events, left);
      }
    }

    void send(SocketIo io, MemorySegment bytes, int... descriptors)
        throws IOException, InterruptedException {
      long done = 0;
      while (done < bytes.byteSize()) {
        check();
        long count;
        try {
          int[] along = done == 0 ? descriptors : new int[0];
          count = io.send(lease.descriptor(), bytes.asSlice(done), !isVirtual, along);
        } catch (OsException e) {
          boolean gone = e.errno() == Errno.EPIPE || e.errno() == Errno.ECONNRESET;
          flow.broken = gone ? "the peer has closed it" : e.getMessage();
          throw new IOException(gone ? "the peer has closed the connection" : e.getMessage(), e);
        }
        if (count == UnixSocket.NOTHING_YET) {
          await();
        } else {
          begun = true;
          done += count;
        }
      }
    }

    /** Receives some bytes, at least one; gives -1 at the end of the stream. */
    private long some(SocketIo io, MemorySegment target) throws IOException, InterruptedException {
      while (true) {
        check();
        long count;
        try {
          count = io.receive(lease.descriptor(), target, !isVirtual, arrived::add);
        } catch (OsException | IllegalStateException e) {
          begun = true;
          throw broken(String.valueOf(e.getMessage()));
        }
        if (count != UnixSocket.NOTHING_YET) {
          return count;
        }
        await();
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
      MemorySegment header = io.buffer().asSlice(0, HEADER_BYTES);
      fill(io, header);
      long length = header.get(LENGTH, 0);
      if (length == -1) {
        MemorySegment rest = io.buffer().asSlice(0, Long.BYTES);
        fill(io, rest);
        length = rest.get(LONG_LENGTH, 0);
      }
      if (length < 0 || length > most) {
        throw broken(
            "bad message length: the peer announces "
                + Long.toUnsignedString(length)
                + " bytes, and at most "
                + most
                + " are wanted");
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
      if (left > SMALL_BUFFER) {
        io.growBuffer(LARGE_BUFFER);
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
}
