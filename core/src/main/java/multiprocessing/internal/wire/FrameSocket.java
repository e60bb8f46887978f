package multiprocessing.internal.wire;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.Errno;
import multiprocessing.internal.os.OsException;
import multiprocessing.internal.os.UnixSocket;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection that carries messages, each with the descriptors that belong to it.
 *
 * <p>A message is its length in four bytes, the highest first, and its bytes. Any number of threads
 * may send; only one may receive at a time.
 */
public final class FrameSocket {
  private static final int HEADER_BYTES = 4;
  private static final int LARGEST = 1 << 30;

  /** No more memory than this is taken before as much of a message is there. */
  private static final int FIRST_BYTES = 1 << 20;

  private final int socket;
  private final List<Integer> arrived = new ArrayList<>();
  private final UnixSocket.DescriptorSink keeper = new Keeper(arrived);
  private final byte[] header = new byte[HEADER_BYTES];
  private byte[] target = header;
  private int expected = HEADER_BYTES;
  private int filled;
  private boolean closed;

  /** A message that was received. Its descriptors belong to the receiver, who closes them. */
  public record Frame(byte[] bytes, int[] descriptors) {}

  /** No lambda: it is on the way of each start. */
  private record Keeper(List<Integer> arrived) implements UnixSocket.DescriptorSink {
    @Override
    public void accept(int descriptor) {
      arrived.add(descriptor);
    }
  }

  /** The end whose descriptor is {@code socket}, which belongs to this object from now on. */
  public FrameSocket(int socket) {
    this.socket = socket;
  }

  /** The descriptor, to be waited on and to be handed to a child. */
  public int descriptor() {
    return socket;
  }

  /**
   * Sends a message; the descriptors stay open here.
   *
   * @return false if the peer is gone
   */
  public synchronized boolean send(byte[] message, int... descriptors) {
    if (closed) {
      return false;
    }
    byte[] frame = new byte[HEADER_BYTES + message.length];
    for (int i = 0; i < HEADER_BYTES; i++) {
      frame[i] = (byte) (message.length >>> (24 - 8 * i));
    }
    System.arraycopy(message, 0, frame, HEADER_BYTES, message.length);
    try {
      int sent = UnixSocket.send(socket, frame, 0, descriptors);
      while (sent < frame.length) {
        sent += UnixSocket.send(socket, frame, sent);
      }
      return true;
    } catch (OsException e) {
      if (e.errno() == Errno.EPIPE || e.errno() == Errno.ECONNRESET) {
        return false;
      }
      throw e;
    }
  }

  /** The same. */
  public boolean send(byte[] message, List<Integer> descriptors) {
    return send(message, numbers(descriptors));
  }

  /** No stream: it is on the way of each start. */
  static int[] numbers(List<Integer> descriptors) {
    int[] numbers = new int[descriptors.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = descriptors.get(i);
    }
    return numbers;
  }

  /** Waits for a message; null when the peer has closed its end, even within a message. */
  public @Nullable Frame receive() {
    while (true) {
      Frame frame = next(true);
      if (frame != null || filled < 0) {
        return frame;
      }
    }
  }

  /** A message that is there already; null if there is none, or only a part of one. */
  public @Nullable Frame poll() {
    return filled < 0 ? null : next(false);
  }

  private @Nullable Frame next(boolean wait) {
    while (filled >= 0) {
      if (filled == target.length && filled < expected) {
        target = Arrays.copyOf(target, (int) Math.min(expected, 2L * filled));
      } else if (filled == target.length) {
        Frame frame = whole();
        if (frame != null) {
          return frame;
        }
        continue;
      }
      int count = UnixSocket.receive(socket, target, filled, wait, keeper);
      if (count == UnixSocket.NOTHING_YET) {
        return null;
      }
      filled = count < 0 ? -1 : filled + count;
    }
    return null;
  }

  /** The target is full: if it was the header, goes on with the body, else gives the message. */
  private @Nullable Frame whole() {
    byte[] full = target;
    filled = 0;
    if (full == header) {
      int length = 0;
      for (byte digit : full) {
        length = (length << 8) | (digit & 0xff);
      }
      if (length < 0 || length > LARGEST) {
        throw new IllegalStateException("a message of " + length + " bytes cannot be: not a peer");
      }
      expected = length;
      target = new byte[Math.min(length, FIRST_BYTES)];
      return null;
    }
    target = header;
    expected = HEADER_BYTES;
    int[] descriptors = numbers(arrived);
    arrived.clear();
    return new Frame(full, descriptors);
  }

  /** Closes this end, and descriptors that came with a message that is not whole. */
  public synchronized void close() {
    if (!closed) {
      closed = true;
      arrived.forEach(Descriptors::close);
      arrived.clear();
      Descriptors.close(socket);
    }
  }
}
