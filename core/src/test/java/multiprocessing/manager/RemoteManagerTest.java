package multiprocessing.manager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import multiprocessing.connection.Address;
import multiprocessing.connection.ConnectionOptions;
import multiprocessing.error.AuthenticationException;
import multiprocessing.error.ProcessException;
import multiprocessing.error.SerializationException;
import multiprocessing.process.StartMethod;
import multiprocessing.testing.Children;
import multiprocessing.testing.Identity;
import multiprocessing.testing.MayOutlive;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Managers that other programs connect to, and those that should not. */
@ProcessTest
@MayOutlive("socket:.*") // the JDK keeps one for its own sockets once one was closed
final class RemoteManagerTest {
  private static final byte[] KEY = {5, 6, 7};
  private static final Address ANY = Address.tcp("127.0.0.1", 0);
  private static final Address LOCALHOST = Address.tcp("localhost", 0);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** What the server gives away of its own. */
  public interface Shared {
    ManagedQueue<Object> queue();
  }

  @Test
  @Proves(126)
  void aManagerIsServedToWhoHasTheKey() throws Exception {
    try (Manager server = Manager.serve(ANY, KEY)) {
      ManagedQueue<Object> queue = server.queue();
      Shared shared = () -> queue;
      server.register(Supplier.class, () -> () -> "made in the server");
      assertThrows(IllegalArgumentException.class, () -> server.register(String.class, () -> ""));
      try (Manager client = Manager.connect(server.address(), KEY)) {
        ManagedMap<String, Object> map = client.map(Map.of("text", "äöü€"));
        map.put("bytes", new byte[] {0, -1});
        assertEquals("äöü€", map.get("text"));
        assertArrayEquals(new byte[] {0, -1}, (byte[]) map.get("bytes"));
        assertEquals("made in the server", client.create(Supplier.class).get());
        assertThrows(SerializationException.class, () -> map.put("thread", Thread.currentThread()));
        assertThrows(
            IllegalStateException.class, () -> client.register(Runnable.class, () -> () -> {}));
        assertTrue(shared.queue().isEmpty());
      }
      assertEquals(0, server.queue().size());
    }
  }

  @Test
  void aWrongKeyIsRefused() throws Exception {
    try (Manager server = Manager.serve(ANY, KEY)) {
      assertThrows(
          AuthenticationException.class,
          () -> Manager.connect(server.address(), new byte[] {1}).close());
      assertEquals(List.of(1), server.list(List.of(1)));
    }
  }

  @Test
  void strangersHarmNobody() throws Exception {
    try (Manager server = Manager.serve(ANY, KEY)) {
      List<Socket> open = new ArrayList<>();
      for (String text : List.of("", "ff", "7fffffff", "00000100", "474554202f0d0a0d0a")) {
        Socket stranger = new Socket(InetAddress.getLoopbackAddress(), server.address().port());
        OutputStream out = stranger.getOutputStream();
        out.write(HexFormat.of().parseHex(text));
        open.add(stranger); // and says no more
        assertEquals(List.of(1), server.list(List.of(1)));
      }
      for (Socket stranger : open) {
        stranger.close();
      }
    }
  }

  private static ConnectionOptions options(SSLContext context) {
    return ConnectionOptions.builder().authKey(KEY).tls(context).handshakeTimeout(PATIENCE).build();
  }

  @Test
  void callsGoThroughTls(@TempDir Path folder) throws Exception {
    Identity identity = Identity.make(folder, "manager", "dns:localhost");
    ConnectionOptions trusting = options(identity.trusted());
    try (Manager server = Manager.serve(LOCALHOST, options(identity.trusting()))) {
      ManagedList<Object> own = server.list(List.of("of the server"));
      assertEquals("of the server", own.getFirst());
      try (Manager client = Manager.connect(server.address(), trusting)) {
        ManagedMap<String, Object> map = client.map(Map.of("text", "äöü€"));
        map.put("large", new byte[1 << 20]);
        map.put("list", client.list(List.of(1, 2)));
        assertEquals(1 << 20, ((byte[]) Objects.requireNonNull(map.get("large"))).length);
        assertEquals(List.of(1, 2), map.get("list"));
        ManagedQueue<Integer> queue = client.queue();
        Thread putting = Thread.ofVirtual().start(() -> queue.add(1729));
        assertEquals(1729, queue.take());
        putting.join();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(StartMethod.class)
  void otherProcessesConnectByTls(StartMethod method, @TempDir Path folder) throws Exception {
    Identity identity = Identity.make(folder, "manager", "dns:localhost");
    String file = identity.file().toString();
    try (Manager server = Manager.serve(LOCALHOST, options(identity.trusting()))) {
      server.register(Supplier.class, () -> () -> "from the server");
      Address address = server.address();
      Children.run(
          method,
          () -> {
            ConnectionOptions trusting = options(Identity.load(Path.of(file)).trusted());
            try (Manager client = Manager.connect(address, trusting)) {
              assertEquals("from the server", client.create(Supplier.class).get());
            }
          });
    }
  }

  @Test
  void whoDoesNotAgreeOnTlsIsRefusedAndHarmsNobody(@TempDir Path folder) throws Exception {
    Identity identity = Identity.make(folder, "manager", "dns:localhost");
    Identity other = Identity.make(folder, "other", "dns:localhost");
    ConnectionOptions serving =
        ConnectionOptions.builder()
            .authKey(KEY)
            .tls(identity.trusting())
            .handshakeTimeout(Duration.ofSeconds(1))
            .build();
    try (Manager server = Manager.serve(LOCALHOST, serving);
        Manager client = Manager.connect(server.address(), options(identity.trusted()))) {
      ManagedList<Integer> list = client.list(List.of(1));
      List<Socket> open = new ArrayList<>();
      for (String text : List.of("", "16", "1603010200", "15030300020228", "474554202f0d0a0d0a")) {
        Socket stranger = new Socket("localhost", server.address().port());
        stranger.getOutputStream().write(HexFormat.of().parseHex(text));
        open.add(stranger); // and says no more
        assertEquals(List.of(1), list);
      }
      assertThrows(
          AuthenticationException.class, () -> Manager.connect(server.address(), KEY).close());
      assertThrows(
          AuthenticationException.class,
          () -> Manager.connect(server.address(), options(other.trusted())).close());
      assertThrows(
          AuthenticationException.class,
          () ->
              Manager.connect(
                      Address.tcp("127.0.0.1", server.address().port()),
                      options(identity.trusted()))
                  .close());
      assertEquals(List.of(1), list);
      for (Socket stranger : open) {
        assertTrue(stranger.getInputStream().readAllBytes().length < 100, "it is closed in time");
        stranger.close();
      }
    }
    try (Manager server = Manager.serve(LOCALHOST, KEY)) {
      assertThrows(
          AuthenticationException.class,
          () -> Manager.connect(server.address(), options(identity.trusted())).close());
    }
  }

  @Test
  @Proves(127)
  void theSameAddressServesAgain() throws Exception {
    Address address;
    ManagedList<Integer> old;
    try (Manager server = Manager.serve(ANY, KEY)) {
      address = server.address();
      old = server.list(List.of(1));
      assertEquals(1, old.size());
    }
    assertThrows(ConnectException.class, () -> Manager.connect(address, KEY).close());
    try (Manager server = Manager.serve(address, KEY);
        Manager client = Manager.connect(address, KEY)) {
      assertEquals(List.of(2), client.list(List.of(2)));
      assertThrows(ProcessException.class, old::size);
      assertEquals(address, server.address());
    }
  }
}
