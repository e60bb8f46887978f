package multiprocessing.internal.wire;

import java.io.IOException;
import java.io.Serial;
import java.io.Serializable;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.Errno;
import multiprocessing.internal.os.Guest;
import multiprocessing.internal.os.OsException;
import multiprocessing.internal.os.ProcessControl;
import multiprocessing.internal.os.SocketIo;
import multiprocessing.internal.os.SocketName;
import multiprocessing.internal.os.Sockets;
import multiprocessing.internal.os.UnixSocket;
import multiprocessing.internal.session.Finalizers;
import multiprocessing.internal.session.ForkHooks;
import multiprocessing.internal.session.Log;
import multiprocessing.internal.session.Session;
import org.jspecify.annotations.Nullable;

/**
 * Hands descriptors to processes that got a message by a way which carries only bytes, such as a
 * queue in shared memory. The counterpart of Python's {@code resource_sharer}.
 */
public final class Sharer {
  /*
   * The sender keeps a copy of the descriptor, and puts a claim into the message: the address of a
   * Unix socket of its own, and a random number that nobody else knows. Who decodes the message
   * connects, shows the number, and gets the descriptor over that socket. A claim is good for one.
   *
   * Nothing is kept for ever: what is not claimed within ten minutes (-Dmultiprocessing.
   * claimSeconds) is closed, and so is all when the sender ends, since its descriptors are its own.
   * Both tell the late receiver so. A sender never holds more than a thousand.
   *
   * Only processes of the same user are answered, which the kernel vouches for; one that connects
   * and says nothing holds the others up for a second, no longer.
   */
  private static final String SECONDS_PROPERTY = "multiprocessing.claimSeconds";
  private static final int DEFAULT_SECONDS = 600;
  private static final int MOST_CLAIMS = 1000;
  private static final int KEY_BYTES = 16;
  private static final int BACKLOG = 64;
  private static final long LINGER_MILLIS = 500;
  private static final long PATIENCE_MILLIS = 1000;
  private static final int PATIENCE_SECONDS = 30;
  private static final byte GIVEN = 1;
  private static final byte UNKNOWN = 0;

  private static @Nullable Sharer instance;

  static {
    ForkHooks.addForgetting(Sharer::forked);
  }

  private final byte[] name;
  private final int listener;
  private final int bell = Descriptors.bell();
  private final Map<String, Kept> kept = new HashMap<>();
  private final long lifeNanos =
      TimeUnit.SECONDS.toNanos(Integer.getInteger(SECONDS_PROPERTY, DEFAULT_SECONDS));
  private boolean ending;
  private Finalizers.@Nullable Finalizer finalizer;

  private record Kept(int descriptor, long until) {}

  /** What stands for a descriptor in a message. */
  public static final class Claim implements Serializable {
    @Serial private static final long serialVersionUID = 1L;

    private final byte[] server;
    private final byte[] key;

    /**
     * A claim.
     *
     * @param server the abstract name of the sender's socket
     * @param key the secret
     */
    Claim(byte[] server, byte[] key) {
      this.server = server;
      this.key = key;
    }

    /**
     * Takes the descriptor.
     *
     * @throws IOException if the sender has ended, or does not keep it any more
     */
    public int redeem() throws IOException {
      return Sharer.redeem(this);
    }
  }

  private Sharer() {
    String suffix = hex(Session.randomBytes(KEY_BYTES));
    String text = "multiprocessing-" + ProcessControl.pid() + "-" + suffix;
    name = text.getBytes(StandardCharsets.US_ASCII);
    listener = Sockets.open(SocketName.UNIX);
    Sockets.listen(listener, SocketName.ofAbstract(name), BACKLOG);
  }

  private static synchronized Sharer get() {
    Sharer sharer = instance;
    if (sharer == null) {
      sharer = new Sharer();
      instance = sharer;
      Thread.ofPlatform()
          .group(Guest.outerGroup())
          .daemon()
          .name("multiprocessing-sharer")
          .start(sharer::run);
      sharer.finalizer = Finalizers.addAtHome(Finalizers.LAST, sharer::end);
    }
    return sharer;
  }

  /** This process is a fork of the one that keeps them. */
  private static synchronized void forked() {
    Sharer parents = instance;
    if (parents != null) {
      instance = null;
      for (Kept each : parents.kept.values()) {
        Descriptors.close(each.descriptor);
      }
      Descriptors.close(parents.listener);
      Descriptors.close(parents.bell);
    }
  }

  /**
   * Keeps a copy of a descriptor for whoever shows the claim.
   *
   * @throws IllegalStateException if too many are kept that nobody has claimed
   */
  public static synchronized Claim keep(int descriptor) {
    return get().add(descriptor);
  }

  /** Ends this sharer if it keeps nothing; the next descriptor gets a new one. */
  private boolean retire() {
    synchronized (Sharer.class) {
      synchronized (kept) {
        if (!kept.isEmpty() || instance != this) {
          return false;
        }
      }
      instance = null;
      if (finalizer != null) {
        boolean _ = finalizer.cancel();
      }
      Descriptors.close(listener);
      Descriptors.close(bell);
      return true;
    }
  }

  /** How many descriptors this process keeps. */
  public static synchronized int count() {
    Sharer sharer = instance;
    if (sharer == null) {
      return 0;
    }
    synchronized (sharer.kept) {
      return sharer.kept.size();
    }
  }

  private Claim add(int descriptor) {
    byte[] key = Session.randomBytes(KEY_BYTES);
    synchronized (kept) {
      if (kept.size() >= MOST_CLAIMS) {
        throw new IllegalStateException(
            MOST_CLAIMS
                + " connections of this process were put into queues or tasks and are still not"
                + " received; receive some first, or send them through a Connection");
      }
      int copy = Descriptors.duplicate(descriptor, 0);
      kept.put(hex(key), new Kept(copy, System.nanoTime() + lifeNanos));
    }
    Descriptors.ring(bell);
    return new Claim(name, key);
  }

  private void end() {
    synchronized (kept) {
      ending = true;
    }
    Descriptors.ring(bell);
  }

  private void run() {
    SocketIo io = new SocketIo(KEY_BYTES);
    while (true) {
      long wait = closeExpired();
      if (wait == Long.MIN_VALUE) {
        return;
      }
      boolean[] ready =
          Descriptors.await(new int[] {listener, bell}, wait < 0 ? LINGER_MILLIS : wait);
      if (!ready[0] && !ready[1] && wait < 0 && retire()) {
        return;
      }
      if (ready[1]) {
        Descriptors.hush(bell);
      }
      if (ready[0]) {
        try {
          serve(io);
        } catch (RuntimeException e) {
          Log.warning("could not hand over a connection: " + e.getMessage());
        }
      }
    }
  }

  /**
   * Gives how many milliseconds there are to wait; -1 if nothing is kept, the least number for the
   * end.
   */
  private long closeExpired() {
    synchronized (kept) {
      if (ending) {
        return Long.MIN_VALUE;
      }
      long now = System.nanoTime();
      long next = Long.MAX_VALUE;
      List<String> expired = new ArrayList<>();
      for (Map.Entry<String, Kept> each : kept.entrySet()) {
        long left = each.getValue().until - now;
        if (left <= 0) {
          expired.add(each.getKey());
        } else {
          next = Math.min(next, left);
        }
      }
      for (String key : expired) {
        Kept gone = kept.remove(key);
        if (gone != null) {
          Descriptors.close(gone.descriptor);
        }
      }
      return next == Long.MAX_VALUE ? -1 : TimeUnit.NANOSECONDS.toMillis(next) + 1;
    }
  }

  private void serve(SocketIo io) {
    int socket = Sockets.accept(listener);
    if (socket == UnixSocket.NOTHING_YET) {
      return;
    }
    try {
      if (Sockets.peerUser(socket) != Sockets.ownUser()) {
        return;
      }
      Sockets.setTimeouts(socket, PATIENCE_MILLIS);
      MemorySegment buffer = io.buffer().asSlice(0, KEY_BYTES);
      if (io.receive(socket, buffer, true, Descriptors::close) != KEY_BYTES) {
        return;
      }
      Kept found = take(buffer.toArray(ValueLayout.JAVA_BYTE));
      MemorySegment answer = io.buffer().asSlice(0, 1);
      answer.set(ValueLayout.JAVA_BYTE, 0, found == null ? UNKNOWN : GIVEN);
      if (found == null) {
        long _ = io.send(socket, answer, true);
      } else {
        try {
          long _ = io.send(socket, answer, true, found.descriptor);
        } finally {
          Descriptors.close(found.descriptor);
        }
      }
    } finally {
      Descriptors.close(socket);
    }
  }

  private @Nullable Kept take(byte[] key) {
    synchronized (kept) {
      return kept.remove(hex(key));
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static int redeem(Claim claim) throws IOException {
    synchronized (Sharer.class) {
      Sharer own = instance;
      if (own != null && MessageDigest.isEqual(own.name, claim.server)) {
        Kept found = own.take(claim.key);
        Descriptors.ring(own.bell); // there may be nothing left to wait for
        return found == null ? unknown() : found.descriptor;
      }
    }
    int socket = Sockets.open(SocketName.UNIX);
    try {
      connect(socket, SocketName.ofAbstract(claim.server));
      return redeem(socket, claim.key);
    } catch (OsException e) {
      throw new IOException("cannot take over a connection: " + e.getMessage(), e);
    } finally {
      Descriptors.close(socket);
    }
  }

  private static void connect(int socket, SocketName name) throws IOException {
    try {
      Sockets.setTimeouts(socket, TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
      if (!Sockets.connect(socket, name)) {
        throw new IOException("cannot take over a connection: its sender does not answer");
      }
    } catch (OsException e) {
      if (e.errno() == Errno.ECONNREFUSED) {
        throw new ConnectException(
            "the process that sent this connection ended before it was received; send it through"
                + " a Connection instead, or let the sender wait");
      }
      throw e;
    }
  }

  private static int redeem(int socket, byte[] key) throws IOException {
    SocketIo io = new SocketIo(KEY_BYTES);
    MemorySegment.copy(key, 0, io.buffer(), ValueLayout.JAVA_BYTE, 0, KEY_BYTES);
    long _ = io.send(socket, io.buffer(), true);
    List<Integer> came = new ArrayList<>();
    long count = io.receive(socket, io.buffer().asSlice(0, 1), true, came::add);
    if (count == UnixSocket.NOTHING_YET || count < 0) {
      throw new IOException("the process that sent this connection does not answer");
    }
    return came.isEmpty() ? unknown() : came.getFirst();
  }

  private static int unknown() throws IOException {
    throw new IOException(
        "this connection is not kept for its receiver any more: it was received before, or not"
            + " within the time that -D"
            + SECONDS_PROPERTY
            + " of its sender sets (default "
            + DEFAULT_SECONDS
            + ")");
  }
}
