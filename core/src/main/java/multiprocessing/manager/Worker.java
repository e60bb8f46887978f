package multiprocessing.manager;

import java.io.IOException;
import java.util.Objects;
import java.util.function.Supplier;
import multiprocessing.connection.Connection;
import multiprocessing.connection.Listener;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.session.Log;
import multiprocessing.internal.wire.Reader;
import org.jspecify.annotations.Nullable;

/** The thread of one connection of a server. */
final class Worker {
  /*
   * While a call runs nobody reads the connection, and its client says nothing unless the client
   * gives the call up: it sends CANCEL then, or ends. Both make the connection readable. So every
   * now and then another thread looks whether a connection is readable whose call runs, and interrupts
   * that. A call that does not wait for anything is over by then.
   */
  static final long WATCH_MILLIS = 25;

  private static final long STACK_BYTES = 512 * 1024;

  private final Server server;
  private final Listener.Incoming incoming;
  private final Codec codec;
  private volatile @Nullable Connection connection;
  private volatile Caller.@Nullable Client client;
  private volatile boolean ending;
  private @Nullable Thread busy;
  private boolean interrupted;

  Worker(Server server, Listener.Incoming incoming) {
    this.server = server;
    this.incoming = incoming;
    this.codec = server.codec();
  }

  void start() {
    Thread thread = new Thread(null, this::run, "manager-worker", STACK_BYTES, false);
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try (Connection admitted = incoming.admit()) {
      connection = admitted;
      greet(admitted);
    } catch (IOException | InterruptedException e) {
      // the client is gone
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
    boolean isLife = hello.flag();
    Caller.Client who = server.hello(name, pid, isLife);
    client = who;
    try {
      admitted.sendBytes(Protocol.value(codec, server.id()));
      while (!ending && !who.isGone()) {
        serve(admitted, who, admitted.recvBytes());
      }
    } finally {
      if (isLife) {
        server.goodbye(who);
      }
    }
  }

  private void serve(Connection admitted, Caller.Client who, byte[] request)
      throws IOException, InterruptedException {
    Reader reader = new Reader(request);
    int operation = (int) reader.number();
    if (operation == Protocol.CANCEL) {
      return; // what it was to cancel had been answered
    }
    if (operation == Protocol.RELEASE) {
      server.release(who, reader.number(), reader.number());
      return;
    }
    begin();
    byte[] answer;
    try {
      answer = Protocol.value(codec, perform(operation, reader, who));
    } catch (Throwable failure) {
      answer = Protocol.failure(codec, failure);
    } finally {
      Caller.set(null);
      finish();
    }
    admitted.sendBytes(answer);
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

  private synchronized void begin() {
    busy = Thread.currentThread();
    interrupted = false;
  }

  private synchronized void finish() {
    busy = null;
    boolean _ = Thread.interrupted(); // it was for the call, which is over
  }

  /** Interrupts the call that runs, if nobody waits for it. */
  synchronized void interruptIfForsaken() {
    Connection open = connection;
    if (busy == null || interrupted || open == null) {
      return;
    }
    boolean forsaken;
    try {
      forsaken = open.poll();
    } catch (IOException e) {
      forsaken = true;
    }
    if (forsaken) {
      interrupted = true;
      busy.interrupt();
    }
  }

  void closeIfOf(Caller.Client gone) {
    if (client == gone) {
      close();
    }
  }

  /** Ends the connection, and the call that runs. */
  void close() {
    ending = true;
    incoming.close();
    synchronized (this) {
      if (busy != null && busy != Thread.currentThread()) {
        busy.interrupt();
      }
    }
  }
}
