package multiprocessing.manager;

import java.io.IOException;
import java.util.Objects;
import java.util.function.Supplier;
import multiprocessing.connection.Connection;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.session.Log;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.shm.SharedBlock;
import multiprocessing.internal.wire.Reader;
import org.jspecify.annotations.Nullable;

/** The thread of one connection of a server. */
final class Worker {
  /*
   * While a call runs nobody reads its channel. A client that gives it up says so on the channel of
   * its life, or ends, which shows there, too. The thread of that channel then interrupts the call
   * that waits. Calls are told apart by their numbers, as one may be given up when it has been
   * answered, or before it has begun here.
   */
  private static final long STACK_BYTES = 512 * 1024;

  private final Server server;
  private final Entrance entrance;
  private final Runnable exit;
  private final Codec codec;
  private volatile Caller.@Nullable Client client;
  private volatile long number;
  private boolean ending;
  private @Nullable Thread busy;
  private long call;
  private long cancelled;

  /** Lets a client in, if it is one. */
  interface Entrance {
    Connection admit() throws IOException, InterruptedException;
  }

  /**
   * A worker that does not run yet.
   *
   * @param exit ends the connection, at whatever time
   */
  Worker(Server server, Entrance entrance, Runnable exit) {
    this.server = server;
    this.entrance = entrance;
    this.exit = exit;
    this.codec = server.codec();
  }

  void start() {
    Thread thread = new Thread(null, this::run, "manager-worker", STACK_BYTES);
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try (Connection admitted = entrance.admit()) {
      greet(admitted);
    } catch (IOException | InterruptedException e) {
      Log.debug("a manager has no connection any more: " + e); // the client is gone
    } catch (RuntimeException e) {
      Log.info("a manager has ended a connection: " + e.getMessage());
    } finally {
      server.ended(this);
    }
  }

  private void greet(Connection admitted) throws IOException, InterruptedException {
    Reader hello = new Reader(admitted.recvBytes());
    if (hello.number() != Protocol.HELLO) {
      throw new IllegalStateException("a client that does not say hello");
    }
    String name = hello.text();
    long pid = hello.number();
    number = hello.number();
    Caller.Client who;
    try {
      who = server.hello(name, pid, number == Protocol.LIFE);
    } catch (IllegalStateException e) {
      admitted.sendBytes(Protocol.failure(codec, e));
      throw e;
    }
    client = who;
    if (number == Protocol.LIFE) {
      live(admitted, who);
      return;
    }
    SharedBlock memory = server.trustsClients() ? Protocol.memory(hello) : null;
    try (Channel channel =
        memory == null
            ? Channel.plain(number, admitted)
            : Channel.ofServer(number, admitted, memory, who.pid())) {
      long answer = memory == null ? 0 : Session.home().pid();
      admitted.sendBytes(Protocol.value(codec, answer));
      while (!isEnding() && !who.isGone()) {
        serve(channel, who, channel.receive());
      }
    }
  }

  private void live(Connection admitted, Caller.Client who)
      throws IOException, InterruptedException {
    try {
      admitted.sendBytes(Protocol.value(codec, server.id()));
      while (!isEnding()) {
        Reader reader = new Reader(admitted.recvBytes());
        switch ((int) reader.number()) {
          case Protocol.RELEASE -> server.release(who, reader.number(), reader.number());
          case Protocol.CANCEL -> server.cancel(who, reader.number(), reader.number());
          default -> throw new IllegalStateException("a client that says more than it lives");
        }
      }
    } finally {
      server.goodbye(who);
    }
  }

  private void serve(Channel channel, Caller.Client who, byte[] request) throws IOException {
    Reader reader = new Reader(request);
    int operation = (int) reader.number();
    begin(channel.received());
    byte[] answer;
    try {
      answer = Protocol.value(codec, perform(operation, reader, who));
    } catch (Throwable failure) {
      if (isEnding()
          || who.isGone()
          || Session.isDying()) { // what failed is the server, not the call
        throw new IOException("the server has ended", failure);
      }
      answer = Protocol.failure(codec, failure);
    } finally {
      Caller.set(null);
      finish();
    }
    channel.send(answer);
    if (operation == Protocol.SHUTDOWN && server.trustsClients()) {
      server.shutdown();
    }
  }

  private @Nullable Object perform(int operation, Reader reader, Caller.Client who)
      throws Throwable {
    boolean isOwners = operation == Protocol.REGISTER || operation == Protocol.SHUTDOWN;
    if (isOwners && !server.trustsClients()) {
      throw new IllegalStateException("only the process that serves this manager can do that");
    }
    return switch (operation) {
      case Protocol.CALL -> {
        Caller.set(new Caller(who, reader.number()));
        Served object = server.local(reader.number());
        String key = reader.text();
        yield server.call(object, key, Protocol.arguments(reader, codec));
      }
      case Protocol.CREATE -> {
        Caller.set(new Caller(who, reader.number()));
        String type = reader.text();
        yield server.create(type, Protocol.arguments(reader, codec));
      }
      case Protocol.RETAIN -> {
        server.retain(who, reader.number());
        yield null;
      }
      case Protocol.REGISTER -> {
        @Nullable Object[] typeAndFactory = Protocol.arguments(reader, codec);
        server.register(
            (Class<?>) Objects.requireNonNull(typeAndFactory[0]),
            (Supplier<?>) Objects.requireNonNull(typeAndFactory[1]));
        yield null;
      }
      case Protocol.SHUTDOWN -> null;
      case Protocol.COUNT -> server.count();
      default -> throw new IllegalArgumentException("a request of an unknown kind: " + operation);
    };
  }

  private synchronized void begin(long call) {
    this.call = call;
    busy = Thread.currentThread();
    if (ending || cancelled == call) {
      busy.interrupt();
    }
  }

  private synchronized void finish() {
    busy = null;
    boolean _ = Thread.interrupted(); // it was for the call, which is over
  }

  private synchronized boolean isEnding() {
    return ending;
  }

  boolean isOf(Caller.Client who) {
    return client == who;
  }

  boolean isOf(Caller.Client who, long channel) {
    return client == who && number == channel;
  }

  /** Interrupts a call, which nobody waits for any more; if it has not begun yet, when it does. */
  synchronized void cancel(long cancelled) {
    this.cancelled = cancelled;
    if (busy != null && call == cancelled) {
      busy.interrupt();
    }
  }

  /** Ends the connection, and the call that runs. */
  void close() {
    exit.run();
    synchronized (this) {
      ending = true;
      if (busy != null && busy != Thread.currentThread()) {
        busy.interrupt();
      }
    }
  }
}
