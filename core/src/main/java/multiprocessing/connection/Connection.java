package multiprocessing.connection;

import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.Serial;
import java.io.Serializable;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import javax.net.ssl.SSLEngine;
import multiprocessing.error.BufferTooShortException;
import multiprocessing.error.SerializationException;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.UnixSocket;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.serial.Payload;
import multiprocessing.internal.wire.Luggage;
import multiprocessing.internal.wire.MessageSocket;
import multiprocessing.internal.wire.MessageSocket.Received;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection between two processes, which carries messages: objects or bytes. The
 * counterpart of {@code multiprocessing.connection.Connection}.
 *
 * <p>Connections come from {@link Pipe}, {@link Listener} and {@link Client}. Their framing is
 * CPython's: {@link #sendBytes} and {@link #recvBytes} talk to a peer that is a Python program.
 * Objects go from Java to Java only, as those that a queue carries.
 *
 * <p>Any thread may send and any may receive; messages stay whole. Threads wait for each other, and
 * virtual ones do not hold their carriers while they wait. A wait can be interrupted before its
 * message begins; once it has begun it is carried through, and the thread stays interrupted. {@link
 * #close()} ends the waits of other threads with an {@link IOException}.
 *
 * <p>Closing is of this process's end alone: the peer receives what was sent before, then finds the
 * end. An end that nobody holds any more is closed when the collector finds it.
 *
 * <p>{@link #recv} makes objects, which is safe only where the sender is trusted: it is within the
 * tree of processes, where both ends have proved the same auth key, and with a peer on this machine
 * that belongs to the same user. From any other peer it accepts numbers, strings, arrays of
 * primitives, byte buffers and null, unless a {@linkplain ConnectionOptions.Builder#filter filter}
 * says what else.
 *
 * <h2>Sharing</h2>
 *
 * A connection can be sent to another process: at its start, through another connection, and
 * through a queue. Both then hold the end, and the peer finds it closed when both have closed it;
 * so close it here once it is sent. Beside a start or a message of a connection the end travels
 * with it. For a queue, where it cannot, this process keeps a copy until it is received, for ten
 * minutes at most ({@code -Dmultiprocessing.claimSeconds}) and as long as it lives. Processes that
 * hold the same end must take turns: of two that receive at a time, each may get half a message. A
 * connection with TLS cannot be sent, and of a process and its fork only one can use it.
 *
 * <h2>Memory effects</h2>
 *
 * What was done before a message was sent happens-before what is done after it was received.
 *
 * <h2>If a process dies</h2>
 *
 * The kernel closes the ends of a process that dies. When no process holds an end any more its peer
 * notices at once: it receives what was sent whole, then {@code recv} throws {@link
 * java.io.EOFException}, and {@code send} an {@code IOException}.
 *
 * <h2>Cost</h2>
 *
 * Two system calls to receive and one to send. Bytes are copied once into the kernel and once out.
 */
public final class Connection implements AutoCloseable, Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private static final Cleaner CLEANER = Cleaner.create();
  private static final MemorySegment NOTHING = MemorySegment.ofArray(new byte[0]);
  private static final int PICKLE = 0x80;

  private final transient MessageSocket socket;
  private final transient Terms terms;
  private final transient Codec codec;

  /** Whose objects are made. */
  enum Trust {
    /** The other end is in this tree. */
    TREE,
    /** The other end has proved that it is trusted. */
    PEER,
    /** Anybody. */
    NOBODY
  }

  /** What holds for a connection, also in another process that it is sent to. */
  static final class Terms implements Serializable {
    @Serial private static final long serialVersionUID = 1L;

    private final boolean readable;
    private final boolean writable;
    private final boolean carriesDescriptors;
    private final Trust trust;
    private final long maxMessageBytes;
    private final @Nullable String filter;

    Terms(
        boolean readable,
        boolean writable,
        boolean carriesDescriptors,
        Trust trust,
        long maxMessageBytes,
        @Nullable String filter) {
      this.readable = readable;
      this.writable = writable;
      this.carriesDescriptors = carriesDescriptors;
      this.trust = trust;
      this.maxMessageBytes = maxMessageBytes;
      this.filter = filter;
    }
  }

  /** The end whose descriptor is {@code descriptor}, which belongs to this object from now on. */
  Connection(int descriptor, Terms terms) {
    this(descriptor, terms, null);
  }

  /**
   * The end whose descriptor is {@code descriptor}, which belongs to this object from now on.
   *
   * @param engine encrypts what goes through it; null for none
   */
  Connection(int descriptor, Terms terms, @Nullable SSLEngine engine) {
    this.socket = new MessageSocket(descriptor, engine);
    this.terms = terms;
    this.codec = terms.trust == Trust.TREE ? Codec.shared() : Codec.outside(terms.filter);
    MessageSocket closed = socket; // not this object
    Cleaner.Cleanable _ = CLEANER.register(this, closed::close);
  }

  MessageSocket socket() {
    return socket;
  }

  /**
   * Sends an object.
   *
   * @param object any object that can travel, or null
   * @throws SerializationException if it cannot travel; nothing is sent then
   * @throws IOException if the peer is gone, this end is closed, or cannot send
   * @throws InterruptedException if the thread was interrupted before the message began
   */
  public void send(@Nullable Object object) throws IOException, InterruptedException {
    requireWritable();
    if (!terms.carriesDescriptors) {
      transmit(codec.encode(object, "message"));
      return;
    }
    try (Luggage luggage = Luggage.pack(UnixSocket.MAX_DESCRIPTORS)) {
      Payload payload = codec.encode(object, "message");
      transmit(payload, luggage.packed());
    }
  }

  private void transmit(Payload payload, int... descriptors)
      throws IOException, InterruptedException {
    MemorySegment head = MemorySegment.ofArray(payload.head()).asSlice(0, payload.headLength());
    MemorySegment body = payload.body();
    if (body == null) {
      socket.send(NOTHING, head, descriptors);
    } else {
      socket.send(head, body, descriptors);
    }
  }

  /**
   * Receives an object, and waits for it.
   *
   * @return the object, a copy of that which was sent
   * @throws java.io.EOFException if the peer has closed its end, and there is nothing left to
   *     receive
   * @throws SerializationException if the object cannot be made here; it is gone then
   * @throws IOException if this end is closed, or cannot receive
   * @throws InterruptedException if the thread was interrupted before a message came
   */
  public @Nullable Object recv() throws IOException, InterruptedException {
    requireReadable();
    Received received = socket.receive(terms.maxMessageBytes);
    byte[] bytes = received.bytes();
    try (Luggage _ = Luggage.unpack(received.descriptors())) {
      if (!Codec.isPlain(bytes)) {
        requireTrust(bytes);
      }
      return codec.decode(bytes);
    }
  }

  private void requireTrust(byte[] bytes) {
    if (bytes.length > 0 && (bytes[0] & 0xff) == PICKLE) {
      throw new SerializationException(
          "the peer sent a Python object; exchange bytes with Python, by sendBytes and recvBytes");
    }
    if (terms.trust == Trust.NOBODY && terms.filter == null) {
      throw new SerializationException(
          "an object of a peer that anybody could be is not accepted; give both ends an auth key,"
              + " or this one a filter");
    }
  }

  /**
   * Sends bytes, as one message.
   *
   * @param bytes the message, which may be empty
   * @throws IOException if the peer is gone, this end is closed, or cannot send
   * @throws InterruptedException if the thread was interrupted before the message began
   */
  public void sendBytes(byte[] bytes) throws IOException, InterruptedException {
    sendBytes(MemorySegment.ofArray(bytes));
  }

  /**
   * Sends the bytes of an array from a place on, as one message.
   *
   * @param bytes holds the message
   * @param offset where it begins
   * @throws IndexOutOfBoundsException if the place is not in the array
   * @throws IOException if the peer is gone, this end is closed, or cannot send
   * @throws InterruptedException if the thread was interrupted before the message began
   */
  public void sendBytes(byte[] bytes, int offset) throws IOException, InterruptedException {
    sendBytes(bytes, offset, bytes.length - offset);
  }

  /**
   * Sends some bytes of an array, as one message.
   *
   * @param bytes holds the message
   * @param offset where it begins
   * @param length how many bytes it has
   * @throws IndexOutOfBoundsException if the range is not in the array
   * @throws IOException if the peer is gone, this end is closed, or cannot send
   * @throws InterruptedException if the thread was interrupted before the message began
   */
  public void sendBytes(byte[] bytes, int offset, int length)
      throws IOException, InterruptedException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    sendBytes(MemorySegment.ofArray(bytes).asSlice(offset, length));
  }

  /**
   * Sends what remains in a buffer, as one message. The buffer's position stays.
   *
   * @param buffer holds the message
   * @throws IOException if the peer is gone, this end is closed, or cannot send
   * @throws InterruptedException if the thread was interrupted before the message began
   */
  public void sendBytes(ByteBuffer buffer) throws IOException, InterruptedException {
    sendBytes(MemorySegment.ofBuffer(buffer));
  }

  /**
   * Sends memory, as one message. It may be larger than an array can be.
   *
   * @param memory the message
   * @throws IOException if the peer is gone, this end is closed, or cannot send
   * @throws InterruptedException if the thread was interrupted before the message began
   */
  public void sendBytes(MemorySegment memory) throws IOException, InterruptedException {
    requireWritable();
    socket.send(NOTHING, memory);
  }

  /**
   * Receives a message of bytes, and waits for it.
   *
   * @return the message
   * @throws java.io.EOFException if the peer has closed its end, and there is nothing left to
   *     receive
   * @throws IOException if this end is closed, or cannot receive
   * @throws InterruptedException if the thread was interrupted before a message came
   */
  public byte[] recvBytes() throws IOException, InterruptedException {
    return receive(terms.maxMessageBytes);
  }

  /**
   * Receives a message of bytes that may not be long. After one that is, nothing can be received
   * any more, and an end that cannot send either is closed.
   *
   * @param maxLength how many bytes it may have
   * @return the message
   * @throws IllegalArgumentException if that is negative
   * @throws java.io.EOFException if the peer has closed its end, and there is nothing left to
   *     receive
   * @throws IOException if the message is longer, this end is closed, or cannot receive
   * @throws InterruptedException if the thread was interrupted before a message came
   */
  public byte[] recvBytes(int maxLength) throws IOException, InterruptedException {
    if (maxLength < 0) {
      throw new IllegalArgumentException("maxLength: 0 or more, not " + maxLength);
    }
    return receive(Math.min(maxLength, terms.maxMessageBytes));
  }

  byte[] receive(long most) throws IOException, InterruptedException {
    requireReadable();
    try {
      Received received = socket.receive(most);
      received.descriptors().forEach(Descriptors::close);
      return received.bytes();
    } finally {
      closeIfUseless();
    }
  }

  private void closeIfUseless() {
    if (!terms.writable && socket.isReceivingBroken()) {
      close();
    }
  }

  /**
   * Receives a message of bytes into an array.
   *
   * @param target where to
   * @return how many bytes it has
   * @throws BufferTooShortException if it has more bytes than the array; the exception has them
   * @throws java.io.EOFException if the peer has closed its end, and there is nothing left to
   *     receive
   * @throws IOException if this end is closed, or cannot receive
   * @throws InterruptedException if the thread was interrupted before a message came
   */
  public int recvBytesInto(byte[] target) throws IOException, InterruptedException {
    return recvBytesInto(target, 0);
  }

  /**
   * Receives a message of bytes into an array from a place on.
   *
   * @param target where to
   * @param offset where its first byte goes
   * @return how many bytes it has
   * @throws IndexOutOfBoundsException if the place is not in the array
   * @throws BufferTooShortException if it has more bytes than there is room; the exception has them
   * @throws java.io.EOFException if the peer has closed its end, and there is nothing left to
   *     receive
   * @throws IOException if this end is closed, or cannot receive
   * @throws InterruptedException if the thread was interrupted before a message came
   */
  public int recvBytesInto(byte[] target, int offset) throws IOException, InterruptedException {
    Objects.checkFromToIndex(offset, target.length, target.length);
    return (int) recvBytesInto(MemorySegment.ofArray(target).asSlice(offset));
  }

  /**
   * Receives a message of bytes into memory. It may be larger than an array can be.
   *
   * @param target where to
   * @return how many bytes it has
   * @throws BufferTooShortException if it has more bytes than there is room; the exception has them
   * @throws java.io.EOFException if the peer has closed its end, and there is nothing left to
   *     receive
   * @throws IOException if this end is closed, or cannot receive
   * @throws InterruptedException if the thread was interrupted before a message came
   */
  public long recvBytesInto(MemorySegment target) throws IOException, InterruptedException {
    requireReadable();
    try {
      return socket.receiveInto(target, terms.maxMessageBytes);
    } finally {
      closeIfUseless();
    }
  }

  /**
   * Returns whether there is something to receive, or the peer has closed its end, so that {@code
   * recv} will not wait for a message to begin.
   *
   * @throws IOException if this end is closed, or cannot receive
   */
  public boolean poll() throws IOException {
    requireReadable();
    return socket.isReady();
  }

  /**
   * Waits until there is something to receive, or the peer has closed its end.
   *
   * @param timeout how long at most; zero and less do not wait
   * @return false if the time ran out
   * @throws IOException if this end is closed, or cannot receive
   * @throws InterruptedException if the thread is interrupted
   */
  public boolean poll(Duration timeout) throws IOException, InterruptedException {
    requireReadable();
    return socket.poll(Times.nanos(timeout));
  }

  /** Returns whether this end can receive. */
  public boolean isReadable() {
    return terms.readable;
  }

  /** Returns whether this end can send. */
  public boolean isWritable() {
    return terms.writable;
  }

  /** Returns whether this end was closed here. */
  public boolean isClosed() {
    return socket.lease().isClosed();
  }

  /** Closes this end. Does nothing the second time. */
  @Override
  public void close() {
    boolean _ = socket.close();
  }

  /** Throws where {@link Wait} cannot wait for this. */
  void requirePollable() {
    if (!terms.readable) {
      throw new IllegalArgumentException("cannot wait for an end that only sends: " + this);
    }
  }

  private void requireReadable() throws IOException {
    if (!terms.readable) {
      throw new IOException("this end of the connection can only send");
    }
  }

  private void requireWritable() throws IOException {
    if (!terms.writable) {
      throw new IOException("this end of the connection can only receive");
    }
  }

  @Override
  public String toString() {
    String state = isClosed() ? "closed" : "descriptor " + socket.lease().descriptor();
    String way =
        terms.readable && terms.writable
            ? "sends and receives"
            : terms.readable ? "receives" : "sends";
    return "Connection[" + state + ", " + way + "]";
  }

  @Serial
  private Object writeReplace() throws NotSerializableException {
    if (socket.isEncrypted()) {
      throw new NotSerializableException(
          "a connection with TLS has keys that only this process knows; connect in the other one");
    }
    return new Ticket(Passage.book(socket.lease(), this), terms);
  }

  @Serial
  private void readObject(ObjectInputStream in) throws InvalidObjectException {
    throw new InvalidObjectException("a connection travels by its ticket");
  }

  private static final class Ticket implements Serializable {
    @Serial private static final long serialVersionUID = 1L;

    private final Passage passage;
    private final Terms terms;

    Ticket(Passage passage, Terms terms) {
      this.passage = passage;
      this.terms = terms;
    }

    @Serial
    private Object readResolve() throws InvalidObjectException {
      return new Connection(passage.arrive(), terms);
    }
  }
}
