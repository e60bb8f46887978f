package multiprocessing.manager;

import java.io.IOException;
import java.util.Objects;
import multiprocessing.connection.Connection;
import multiprocessing.error.SharedMemoryExhaustedException;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.shm.SharedBlock;
import multiprocessing.internal.sync.Backoff;
import org.jspecify.annotations.Nullable;

/**
 * One end of what a call and its answer go through, one after the other: a connection, and within a
 * tree shared memory beside it.
 */
final class Channel implements AutoCloseable {
  /*
   * The memory is a mailbox for calls and one for answers. Who waits for a message spins as long as
   * that pays, dozes for a slice of time on a futex of the box, then says that it sleeps and receives
   * from the connection. Who puts a message and finds the reader asleep sends an empty one through
   * the connection; or, asleep or not, the message itself where it is too large for the box. So
   * nobody waits for the dead: the kernel ends the connection of a process that dies. And nobody
   * wakes without a reason.
   *
   * Why the futex: the kernel takes it that who writes to a socket is about to sleep, and has the
   * reader wait for that one's processor, which would spin there.
   *
   * Both processes let go of the memory when they close their ends. If they are one, which has one
   * object for it, the collector does that.
   */
  private static final byte[] BELL = {};

  private final long number;
  private final Connection connection;
  private final @Nullable Shared shared;
  private long sent;
  private long received;
  private boolean asleep;
  private boolean hasWoken;

  /**
   * What both ends have in common.
   *
   * @param isApart whether the other end is in another process
   */
  private record Shared(
      SharedBlock block, Mailbox incoming, Mailbox outgoing, Backoff backoff, boolean isApart) {}

  private Channel(long number, Connection connection, @Nullable Shared shared) {
    this.number = number;
    this.connection = connection;
    this.shared = shared;
  }

  /** New memory for a channel; null if there is none left. */
  static @Nullable SharedBlock memory() {
    try {
      return SharedBlock.create(2 * Mailbox.BYTES);
    } catch (SharedMemoryExhaustedException e) {
      return null;
    }
  }

  /** A channel without shared memory. */
  static Channel plain(long number, Connection connection) {
    return new Channel(number, connection, null);
  }

  /** The client's end of a channel with shared memory, to the process {@code peer}. */
  static Channel ofClient(long number, Connection connection, SharedBlock block, long peer) {
    return new Channel(
        number, connection, shared(block, Mailbox.BYTES, 0, peer != Session.home().pid()));
  }

  /** The server's end of a channel with shared memory, to the process {@code peer}. */
  static Channel ofServer(long number, Connection connection, SharedBlock block, long peer) {
    return new Channel(
        number, connection, shared(block, 0, Mailbox.BYTES, peer != Session.home().pid()));
  }

  private static Shared shared(SharedBlock block, long incoming, long outgoing, boolean isApart) {
    return new Shared(
        block,
        new Mailbox(block.segment(), block.offset() + incoming),
        new Mailbox(block.segment(), block.offset() + outgoing),
        new Backoff(block.processes()),
        isApart);
  }

  /** By what the client and the server call it. */
  long number() {
    return number;
  }

  /** How many messages were sent. */
  long sent() {
    return sent;
  }

  /** How many messages were received. */
  long received() {
    return received;
  }

  /** Sends a message as a whole; an interrupt waits until that is done. */
  void send(byte[] message) throws IOException {
    sent++;
    Shared memory = shared;
    if (memory == null) {
      transmit(message);
      return;
    }
    Mailbox.Reader reader = memory.outgoing.put(message);
    hasWoken = reader != Mailbox.Reader.AWAKE;
    if (!Mailbox.hasRoomFor(message)) {
      transmit(message);
    } else if (reader == Mailbox.Reader.ASLEEP_ELSEWHERE) {
      transmit(BELL);
    }
  }

  private void transmit(byte[] message) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          connection.sendBytes(message);
          return;
        } catch (InterruptedException e) {
          interrupted = true; // nothing is sent
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Receives the next message, and waits for it.
   *
   * @throws IOException if the peer is gone
   * @throws InterruptedException if the thread was interrupted before a message came; it is to be
   *     received again
   */
  byte[] receive() throws IOException, InterruptedException {
    Shared memory = shared;
    byte[] message = memory == null ? connection.recvBytes() : receive(memory);
    received++;
    return message;
  }

  private byte[] receive(Shared memory) throws IOException, InterruptedException {
    Mailbox box = memory.incoming;
    byte[] transmitted = BELL;
    Backoff.Wait wait = hasWoken ? memory.backoff.beginAfterWake() : memory.backoff.begin();
    try {
      while (!asleep && !box.isFull()) {
        if (!wait.spin()) {
          wait.sleeps();
          box.doze();
          asleep = box.sleep();
        }
      }
      if (asleep || box.isElsewhere()) {
        transmitted = connection.recvBytes();
        asleep = false;
      }
    } finally {
      wait.end();
    }
    return Objects.requireNonNullElse(box.take(), transmitted);
  }

  /** Closes this end. */
  @Override
  public void close() {
    connection.close();
    if (shared != null && shared.isApart) {
      shared.block.close();
    }
  }

  /**
   * Closes the connection of a process of which this one is a fork, and leaves all else to that.
   */
  void closeForked() {
    connection.close();
  }
}
