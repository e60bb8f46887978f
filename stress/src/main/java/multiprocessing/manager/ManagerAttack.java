package multiprocessing.manager;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import multiprocessing.connection.Address;
import multiprocessing.connection.Client;
import multiprocessing.connection.Connection;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.wire.Writer;
import multiprocessing.stress.Target;
import org.jspecify.annotations.Nullable;

/**
 * A manager that serves other trees, and a client of it that has the key and sends what it likes.
 * The server may refuse it, or end the connection; an honest client goes on all the while.
 */
final class ManagerAttack implements Target.Decoder {
  private static final byte[] KEY = "fuzz".getBytes(US_ASCII);
  private static final int CHECKED_EACH = 50;
  private static final int MOST_OF_A_CLIENT = 500;
  private static final long OBJECT = 1;
  private static final Codec CODEC = Codec.outside(null);

  private final boolean greets;
  private @Nullable Manager manager;
  private @Nullable ManagedMap<String, Integer> map;
  private @Nullable Connection life;
  private @Nullable Connection calls;
  private int sent;
  private int served;

  private ManagerAttack(boolean greets) {
    this.greets = greets;
  }

  /** Requests of a client that has said hello as it should. */
  static Target requests() {
    String put = "put java.lang.Object java.lang.Object";
    return new Target(
        "requests to managers",
        List.of(
            Protocol.arguments(call(put), CODEC, "key", 1).toBytes(),
            Protocol.arguments(call("get java.lang.Object"), CODEC, "key").toBytes(),
            Protocol.arguments(
                    call("putAll java.util.Map"), CODEC, (Object) new Object[] {"key", 1})
                .toBytes(),
            Protocol.arguments(call("size"), CODEC).toBytes(),
            Protocol.arguments(Protocol.begin(Protocol.CREATE).number(1).text("map"), CODEC)
                .toBytes(),
            Protocol.begin(Protocol.RETAIN).number(OBJECT).toBytes(),
            Protocol.begin(Protocol.COUNT).toBytes()),
        List.of(),
        new ManagerAttack(false));
  }

  /** The first message of a connection, and what a client tells of its life. */
  static Target greetings() {
    return new Target(
        "greetings to managers",
        List.of(
            hello("fuzz", Protocol.LIFE),
            hello("fuzz", 1),
            Protocol.begin(Protocol.RELEASE).number(OBJECT).number(1).toBytes(),
            Protocol.begin(Protocol.CANCEL).number(1).number(1).toBytes()),
        List.of(),
        new ManagerAttack(true));
  }

  private static Writer call(String method) {
    return Protocol.begin(Protocol.CALL).number(1).number(OBJECT).text(method);
  }

  private static byte[] hello(String name, long channel) {
    long pid = ProcessHandle.current().pid();
    Writer hello = Protocol.begin(Protocol.HELLO).text(name).number(pid).number(channel);
    return Protocol.memory(hello, null).toBytes();
  }

  @Override
  public void decode(byte[] message) throws IOException, InterruptedException {
    Manager server = server();
    try {
      if (greets) {
        greet(server, message);
      } else {
        request(server, message);
      }
    } catch (IOException e) {
      hangUp(); // the server has ended the connection: its right
    }
    if (++sent % CHECKED_EACH == 0) {
      check();
    }
    if (sent % MOST_OF_A_CLIENT == 0) {
      hangUp(); // and all that the client had a reference to goes
    }
  }

  private Manager server() throws IOException {
    Manager running = manager;
    if (running == null) {
      running = Manager.serve(Address.tcp("127.0.0.1", 0), KEY);
      map = running.map();
      manager = running;
    }
    return running;
  }

  private static void greet(Manager server, byte[] message)
      throws IOException, InterruptedException {
    try (Connection connection = Client.connect(server.address(), KEY)) {
      String name = UUID.randomUUID().toString();
      connection.sendBytes(hello(name, Protocol.LIFE));
      byte[] _ = connection.recvBytes();
      connection.sendBytes(message); // of its life
    }
    try (Connection connection = Client.connect(server.address(), KEY)) {
      connection.sendBytes(message); // instead of hello
    }
  }

  private void request(Manager server, byte[] message) throws IOException, InterruptedException {
    Connection open = calls;
    if (open == null) {
      String name = UUID.randomUUID().toString();
      life = greeted(server, hello(name, Protocol.LIFE));
      open = greeted(server, hello(name, 1));
      calls = open;
    }
    open.sendBytes(message);
    try {
      Object _ = Protocol.read(open.recvBytes(), CODEC);
      served++;
    } catch (IOException | InterruptedException e) {
      throw e;
    } catch (Throwable refusal) {
      // what the server has to say to it
    }
  }

  private static Connection greeted(Manager server, byte[] hello)
      throws IOException, InterruptedException {
    Connection connection = Client.connect(server.address(), KEY);
    connection.sendBytes(hello);
    byte[] _ = connection.recvBytes();
    return connection;
  }

  /** The honest client finds what it has put. */
  private void check() {
    if (!greets && sent > MOST_OF_A_CLIENT && served == 0) {
      throw new AssertionError("the samples are no requests");
    }
    ManagedMap<String, Integer> honest = Objects.requireNonNull(map);
    honest.put("honest", sent);
    if (!Objects.equals(honest.get("honest"), sent)) {
      throw new AssertionError("a manager has forgotten what an honest client has put");
    }
  }

  private void hangUp() {
    for (Connection each : new @Nullable Connection[] {calls, life}) {
      if (each != null) {
        each.close();
      }
    }
    calls = null;
    life = null;
  }

  @Override
  public void close() {
    hangUp();
    if (manager != null) {
      manager.close();
    }
  }
}
