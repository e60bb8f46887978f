package multiprocessing.connection;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLSocket;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.wire.Lease;
import multiprocessing.internal.wire.MessageSocket;
import multiprocessing.internal.wire.Readiness;
import org.jspecify.annotations.Nullable;

/**
 * Waits for several things at once. The counterpart of {@code multiprocessing.connection.wait}.
 *
 * {@snippet :
 * for (Object ready : Wait.any(List.of(connection, child.sentinel()))) {
 *   if (ready == connection) {
 *     System.out.println(connection.recv());
 *   }
 * }
 * }
 *
 * <p>What can be waited for:
 *
 * <ul>
 *   <li>a {@link Connection} that can be read: until there is something to receive, or its peer is
 *       gone;
 *   <li>a {@link Listener}: until there is a connection to accept;
 *   <li>a {@link Sentinel}, or a {@link Waitable} that has one, such as a process: until it has
 *       ended;
 *   <li>a channel of the JDK that a selector can wait for ({@code SocketChannel}, {@code
 *       ServerSocketChannel}, {@code DatagramChannel}, {@code Pipe.SourceChannel}): until it can be
 *       read, or accepted from. A channel in blocking mode is put into the other one as long as
 *       this waits;
 *   <li>a TCP {@link Socket} or {@link ServerSocket} of the JDK, likewise, but for an {@code
 *       SSLSocket}, which may have read already what is not taken yet. One that was not made by a
 *       channel is looked for among the descriptors of this process, by each call.
 * </ul>
 */
public final class Wait {
  private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(Readiness.SLICE_MILLIS);

  private Wait() {}

  /**
   * Waits until at least one of some objects is ready.
   *
   * @param <T> their common type
   * @param objects what to wait for; not empty
   * @return those that are ready, in the order in which they were given
   * @throws InterruptedException if the thread is interrupted
   * @throws IllegalArgumentException if there are none, or one cannot be waited for
   * @throws IllegalStateException if one of them is closed
   */
  public static <T> List<T> any(Collection<? extends T> objects) throws InterruptedException {
    if (objects.isEmpty()) {
      throw new IllegalArgumentException("waiting for nothing would never end; give a timeout");
    }
    return any(objects, Long.MAX_VALUE);
  }

  /**
   * Waits until at least one of some objects is ready, or a time is over.
   *
   * @param <T> their common type
   * @param objects what to wait for
   * @param timeout how long at most; zero and less do not wait
   * @return those that are ready, in the order in which they were given; empty if the time ran out
   * @throws InterruptedException if the thread is interrupted
   * @throws IllegalArgumentException if one of them cannot be waited for
   * @throws IllegalStateException if one of them is closed
   */
  public static <T> List<T> any(Collection<? extends T> objects, Duration timeout)
      throws InterruptedException {
    return any(objects, Times.nanos(timeout));
  }

  private static <T> List<T> any(Collection<? extends T> objects, long nanos)
      throws InterruptedException {
    List<T> all = List.copyOf(objects);
    long end = System.nanoTime() + nanos;
    try (Round round = new Round()) {
      for (T each : all) {
        round.add(each);
      }
      while (true) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        List<T> ready = round.ready(all);
        long left = nanos == Long.MAX_VALUE ? nanos : end - System.nanoTime();
        if (!ready.isEmpty() || left <= 0) {
          return ready;
        }
        round.sleep(left);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot wait for a channel: " + e.getMessage(), e);
    }
  }

  /** What one call waits for. Each object has one entry, in the order in which they were given. */
  private static final class Round implements AutoCloseable {
    private final List<Object> sources = new ArrayList<>();
    private final List<Lease> leases = new ArrayList<>();
    private final List<Sentinel> sentinels = new ArrayList<>();
    private final List<PlainSocket> plain = new ArrayList<>();
    private final List<SelectableChannel> madeNonBlocking = new ArrayList<>();
    private @Nullable Selector selector;
    private @Nullable Bell bell;

    void add(Object object) throws IOException {
      switch (object) {
        case Connection connection -> {
          connection.requirePollable();
          MessageSocket socket = connection.socket();
          enter(socket.lease(), socket.isEncrypted() ? socket : socket.lease(), connection);
        }
        case Listener listener -> enter(listener.lease(), listener);
        case Sentinel sentinel -> add(sentinel);
        case Waitable waitable -> add(waitable.sentinel());
        case SelectableChannel channel -> sources.add(register(channel));
        case Socket socket -> add(socket);
        case ServerSocket socket -> add(socket);
        default ->
            throw new IllegalArgumentException(
                "cannot wait for a "
                    + object.getClass().getName()
                    + "; only for connections, listeners, sentinels, processes, selectable channels"
                    + " and sockets");
      }
    }

    private void enter(Lease lease, Object source, Object owner) {
      if (!lease.enter()) {
        throw new IllegalStateException("it is closed: " + owner);
      }
      leases.add(lease);
      sources.add(source);
    }

    private void enter(Lease lease, Object owner) {
      enter(lease, lease, owner);
    }

    private void add(Sentinel sentinel) {
      sentinels.add(sentinel);
      sources.add(sentinel);
    }

    private void add(Socket socket) throws IOException {
      if (socket instanceof SSLSocket) {
        throw new IllegalArgumentException(
            "cannot wait for an SSLSocket, which may have read already what is not taken yet");
      }
      require(socket.isConnected() && !socket.isClosed(), socket);
      if (socket.getChannel() != null) {
        sources.add(register(socket.getChannel()));
        return;
      }
      int copy = JdkSockets.copy(socket.getLocalSocketAddress(), socket.getRemoteSocketAddress());
      add(new PlainSocket(new Lease(copy), socket::isClosed));
    }

    private void add(ServerSocket socket) throws IOException {
      require(socket.isBound() && !socket.isClosed(), socket);
      if (socket.getChannel() != null) {
        sources.add(register(socket.getChannel()));
        return;
      }
      int copy = JdkSockets.copyListening(socket.getLocalSocketAddress());
      add(new PlainSocket(new Lease(copy), socket::isClosed));
    }

    private static void require(boolean isOpen, Object socket) {
      if (!isOpen) {
        throw new IllegalStateException("it is closed, or not connected yet: " + socket);
      }
    }

    private void add(PlainSocket socket) {
      plain.add(socket);
      enter(socket.copy, socket, socket);
    }

    private SelectionKey register(SelectableChannel channel) throws IOException {
      Selector selector = this.selector;
      if (selector == null) {
        selector = Selector.open();
        this.selector = selector;
      }
      if (channel.isBlocking()) {
        channel.configureBlocking(false);
        madeNonBlocking.add(channel);
      }
      int reading = SelectionKey.OP_READ | SelectionKey.OP_ACCEPT;
      return channel.register(selector, channel.validOps() & reading);
    }

    <T> List<T> ready(List<T> objects) throws IOException {
      int[] descriptors = leases.stream().mapToInt(Lease::descriptor).toArray();
      boolean[] readable =
          descriptors.length == 0 ? new boolean[0] : Descriptors.await(descriptors, 0);
      if (selector != null) {
        selector.selectNow();
      }
      List<T> ready = new ArrayList<>();
      int next = 0;
      for (int i = 0; i < sources.size(); i++) {
        boolean isReady =
            switch (sources.get(i)) {
              case Lease lease -> readable[next++] || lease.isClosed();
              case MessageSocket socket -> {
                next++;
                yield isReady(socket);
              }
              case PlainSocket socket -> readable[next++] || socket.isClosed.getAsBoolean();
              case Sentinel sentinel -> sentinel.isReady();
              case SelectionKey key -> !key.isValid() || key.readyOps() != 0;
              default -> throw new IllegalStateException();
            };
        if (isReady) {
          ready.add(objects.get(i));
        }
      }
      return ready;
    }

    /** Of one with TLS the kernel does not know. */
    private static boolean isReady(MessageSocket socket) {
      try {
        return socket.isReady();
      } catch (IOException e) {
        return true; // closed
      }
    }

    /** Sleeps until something may be ready, or the time is over, or the thread interrupted. */
    void sleep(long most) throws IOException {
      long nanos = plain.isEmpty() ? most : Math.min(most, SLICE_NANOS);
      Selector selector = this.selector;
      if (selector != null) {
        try (Readiness.Watching _ = watch(selector::wakeup)) {
          selector.select(Readiness.millis(nanos, Integer.MAX_VALUE));
        }
      } else if (Thread.currentThread().isVirtual() || leases.isEmpty()) {
        Thread waiter = Thread.currentThread();
        try (Readiness.Watching _ = watch(() -> LockSupport.unpark(waiter))) {
          LockSupport.parkNanos(this, nanos);
        }
      } else {
        sleepInKernel(nanos);
      }
    }

    private Readiness.Watching watch(Runnable wake) {
      Readiness.Watching watching = new Readiness.Watching(wake);
      leases.forEach(lease -> watching.add(lease, Descriptors.READABLE));
      for (Sentinel sentinel : sentinels) {
        watching.whenClosed(() -> sentinel.removeWaiter(wake));
        sentinel.addWaiter(wake);
      }
      return watching;
    }

    private void sleepInKernel(long nanos) {
      int count = leases.size();
      int[] descriptors = new int[count + (sentinels.isEmpty() ? 0 : 1)];
      for (int i = 0; i < count; i++) {
        descriptors[i] = leases.get(i).descriptor();
      }
      if (descriptors.length > count) {
        descriptors[count] = bell();
      }
      Descriptors.await(descriptors, Readiness.millis(nanos, Readiness.SLICE_MILLIS));
    }

    private int bell() {
      Bell bell = this.bell;
      if (bell == null) {
        bell = new Bell();
        this.bell = bell;
        for (Sentinel sentinel : sentinels) {
          sentinel.addWaiter(bell);
        }
      }
      return bell.descriptor;
    }

    @Override
    public void close() throws IOException {
      leases.forEach(Lease::leave);
      leases.clear();
      plain.forEach(socket -> socket.copy.close());
      if (bell != null) {
        sentinels.forEach(sentinel -> sentinel.removeWaiter(bell));
        bell.close();
      }
      if (selector != null) {
        selector.close();
      }
      for (SelectableChannel channel : madeNonBlocking) {
        if (channel.isOpen()) {
          channel.configureBlocking(true);
        }
      }
    }
  }

  /**
   * A socket of the JDK.
   *
   * @param copy of its descriptor, which nobody hears of if the socket is closed
   */
  private record PlainSocket(Lease copy, BooleanSupplier isClosed) {}

  /** Wakes one who sleeps in the kernel, also when rung a moment after he has left. */
  private static final class Bell implements Runnable {
    final int descriptor = Descriptors.bell();
    private boolean closed;

    @Override
    public synchronized void run() {
      if (!closed) {
        Descriptors.ring(descriptor);
      }
    }

    synchronized void close() {
      closed = true;
      Descriptors.close(descriptor);
    }
  }
}
