package multiprocessing.connection;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.security.Security;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import multiprocessing.error.AuthenticationException;
import multiprocessing.internal.os.UnixSocket;
import multiprocessing.process.StartMethod;
import multiprocessing.testing.Children;
import multiprocessing.testing.Identity;
import multiprocessing.testing.ProcessTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections with TLS, and peers that do not agree on it. */
@ProcessTest
@SuppressWarnings("try") // what is closed before its block ends is what is tested
final class TlsTest {
  private static final byte[] KEY = {1, 2, 3};
  private static final Address ANY = Address.tcp("localhost", 0);
  private static final String HERE = "dns:localhost,ip:127.0.0.1";

  @TempDir private static Path folder;

  private static Identity server;
  private static Identity client;
  private static Identity elsewhere;

  @BeforeAll
  static void makeKeys() throws Exception {
    server = Identity.make(folder, "server", HERE);
    client = Identity.make(folder, "client", "dns:client.example");
    elsewhere = Identity.make(folder, "elsewhere", "dns:elsewhere.example");
  }

  private static ConnectionOptions.Builder options() {
    return ConnectionOptions.builder().authKey(KEY).handshakeTimeout(Duration.ofSeconds(30));
  }

  private static ConnectionOptions serving() throws Exception {
    return options().tls(server.trusting()).build();
  }

  private static ConnectionOptions trusting() throws Exception {
    return options().tls(server.trusted()).build();
  }

  private static <T> FutureTask<T> run(boolean virtual, Callable<T> task) {
    FutureTask<T> future = new FutureTask<>(task);
    Thread.Builder builder = virtual ? Thread.ofVirtual() : Thread.ofPlatform().daemon();
    Thread _ = builder.start(future);
    return future;
  }

  private static FutureTask<Connection> accept(Listener listener) {
    return run(true, listener::accept);
  }

  /** Why a client is refused, and what the listener says of that. */
  private static List<String> refusals(Listener listener, ConnectionOptions options) {
    FutureTask<Connection> accepted = accept(listener);
    AuthenticationException there =
        assertThrows(
            AuthenticationException.class, () -> Client.connect(listener.address(), options));
    Throwable here = assertThrows(ExecutionException.class, accepted::get).getCause();
    assertTrue(here instanceof AuthenticationException, String.valueOf(here));
    return List.of(String.valueOf(there.getMessage()), messageOf(here));
  }

  private static String messageOf(@Nullable Throwable failure) {
    return failure == null ? "nothing" : String.valueOf(failure.getMessage());
  }

  private static void assertContains(String part, String text) {
    assertTrue(text.contains(part), text);
  }

  private static void assertServes(Listener listener) throws Exception {
    FutureTask<Connection> accepted = accept(listener);
    try (Connection connection = Client.connect(listener.address(), trusting());
        Connection other = accepted.get()) {
      connection.sendBytes(KEY);
      assertArrayEquals(KEY, other.recvBytes());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void messagesOfAnySizeTravelBothWays(boolean virtual) throws Exception {
    try (Listener listener = Listener.open(ANY, serving())) {
      FutureTask<Connection> accepted = accept(listener);
      try (Connection here = Client.connect(listener.address(), trusting());
          Connection there = accepted.get()) {
        List<FutureTask<Boolean>> all =
            List.of(
                run(virtual, () -> sendRandom(here, 1)),
                run(virtual, () -> sendRandom(there, 2)),
                run(virtual, () -> receiveRandom(here, 2)),
                run(virtual, () -> receiveRandom(there, 1)));
        for (FutureTask<Boolean> each : all) {
          assertTrue(each.get());
        }
        here.send(List.of("an object", here.toString().length()));
        assertEquals(List.of("an object", here.toString().length()), there.recv());
      }
    }
  }

  private static byte[] randomBytes(Random random) {
    byte[] bytes = new byte[random.nextInt(1 << random.nextInt(20))];
    random.nextBytes(bytes);
    return bytes;
  }

  private static boolean sendRandom(Connection connection, int seed) throws Exception {
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      connection.sendBytes(randomBytes(random));
    }
    return true;
  }

  private static boolean receiveRandom(Connection connection, int seed) throws Exception {
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      assertArrayEquals(randomBytes(random), connection.recvBytes());
    }
    return true;
  }

  /**
   * A client that has just connected has messages of TLS itself to read, which are none of ours.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatIsThereIsKnownWithoutReceiving(boolean virtual) throws Exception {
    try (Listener listener = Listener.open(ANY, serving())) {
      FutureTask<Connection> accepted = accept(listener);
      try (Connection here = Client.connect(listener.address(), trusting());
          Connection there = accepted.get()) {
        FutureTask<Boolean> done =
            run(
                virtual,
                () -> {
                  assertFalse(here.poll());
                  assertFalse(here.poll(Duration.ofMillis(200)));
                  assertEquals(List.of(), Wait.any(List.of(here), Duration.ofMillis(200)));
                  there.sendBytes(new byte[0]);
                  there.sendBytes(KEY);
                  assertTrue(here.poll(Duration.ofSeconds(30)));
                  assertEquals(List.of(here), Wait.any(List.of(listener, here)));
                  assertEquals(0, here.recvBytes().length);
                  assertTrue(here.poll(Duration.ofSeconds(30)));
                  assertEquals(List.of(here), Wait.any(List.of(there, here)));
                  assertArrayEquals(KEY, here.recvBytes());
                  assertFalse(here.poll());
                  there.close();
                  assertEquals(List.of(here), Wait.any(List.of(here)));
                  assertThrows(EOFException.class, here::recvBytes);
                  return true;
                });
        assertTrue(done.get());
      }
    }
  }

  @Test
  void aWaitThatHasBegunSeesAMessage() throws Exception {
    try (Listener listener = Listener.open(ANY, serving())) {
      FutureTask<Connection> accepted = accept(listener);
      try (Connection here = Client.connect(listener.address(), trusting());
          Connection there = accepted.get()) {
        for (boolean virtual : new boolean[] {false, true}) {
          FutureTask<List<Object>> waiting =
              run(virtual, () -> Wait.any(List.<Object>of(here, listener)));
          FutureTask<byte[]> receiving = run(virtual, there::recvBytes);
          Thread.sleep(100);
          there.sendBytes(KEY);
          assertEquals(List.of(here), waiting.get());
          here.sendBytes(here.recvBytes());
          assertArrayEquals(KEY, receiving.get());
        }
      }
    }
  }

  @Test
  void theKeyIsAskedForInside() throws Exception {
    try (Listener listener = Listener.open(ANY, serving())) {
      ConnectionOptions wrong =
          ConnectionOptions.builder().authKey(new byte[] {9}).tls(server.trusted()).build();
      assertContains("different auth keys", refusals(listener, wrong).getFirst());
      assertServes(listener);
    }
  }

  @Test
  void itWorksWithoutAKey() throws Exception {
    ConnectionOptions open = ConnectionOptions.builder().tls(server.trusting()).build();
    ConnectionOptions trusts = ConnectionOptions.builder().tls(server.trusted()).build();
    try (Listener listener = Listener.open(ANY, open)) {
      FutureTask<Connection> accepted = accept(listener);
      try (Connection here = Client.connect(listener.address(), trusts);
          Connection there = accepted.get()) {
        there.send("plain");
        assertEquals("plain", here.recv());
      }
    }
  }

  @Test
  void aPlainClientIsToldWhatMayBeMissing() throws Exception {
    Duration soon = Duration.ofMillis(500);
    ConnectionOptions serving =
        ConnectionOptions.builder()
            .authKey(KEY)
            .tls(server.trusting())
            .handshakeTimeout(soon)
            .build();
    ConnectionOptions plain =
        ConnectionOptions.builder().authKey(KEY).handshakeTimeout(Duration.ofSeconds(30)).build();
    try (Listener listener = Listener.open(ANY, serving)) {
      List<String> said = refusals(listener, plain);
      assertContains("TLS", said.getFirst());
      assertContains("TLS in time", said.getLast());
      FutureTask<Connection> accepted = accept(listener);
      try (Connection keyless = Client.connect(listener.address())) {
        keyless.sendBytes(KEY);
        assertContains(
            "does not speak TLS", String.valueOf(assertThrows(Exception.class, accepted::get)));
        assertThrows(IOException.class, () -> keyless.recvBytes(1000));
      }
    }
  }

  @Test
  void aPlainListenerIsToldApart() throws Exception {
    try (Listener listener = Listener.open(ANY, options().build())) {
      List<String> said = refusals(listener, trusting());
      assertContains("does not speak TLS", said.getFirst());
      assertContains("TLS", said.getLast());
      FutureTask<Connection> accepted = accept(listener);
      Client.connect(listener.address(), KEY).close();
      accepted.get().close();
    }
  }

  @Test
  void aListenerThatNobodyAnswersForIsGivenUp() throws Exception {
    ConnectionOptions soon =
        ConnectionOptions.builder()
            .tls(server.trusted())
            .handshakeTimeout(Duration.ofMillis(300))
            .build();
    try (Listener listener = Listener.open(ANY)) {
      assertContains(
          "in time",
          String.valueOf(
              assertThrows(
                  AuthenticationException.class, () -> Client.connect(listener.address(), soon))));
    }
  }

  @Test
  void whoIsNotTrustedIsRefused() throws Exception {
    try (Listener listener = Listener.open(ANY, serving())) {
      List<String> said = refusals(listener, options().tls(elsewhere.trusted()).build());
      assertContains("certificate of the peer is not accepted", said.getFirst());
      assertContains("trusts who has signed it", said.getFirst());
      assertContains("refuses TLS with this end", said.getLast());
      said = refusals(listener, options().tls(SSLContext.getDefault()).build());
      assertContains("certificate of the peer is not accepted", said.getFirst());
      assertServes(listener);
    }
  }

  @Test
  void aCertificateIsForAHost() throws Exception {
    ConnectionOptions serving = options().tls(elsewhere.trusting()).build();
    SSLContext trusted = elsewhere.trusted();
    try (Listener listener = Listener.open(ANY, serving)) {
      String said = refusals(listener, options().tls(trusted).build()).getFirst();
      assertContains("localhost", said);
      assertContains("connect by a name that is in it", said);
      Consumer<SSLParameters> unchecked =
          parameters -> parameters.setEndpointIdentificationAlgorithm("");
      FutureTask<Connection> accepted = accept(listener);
      Client.connect(listener.address(), options().tls(trusted, unchecked).build()).close();
      accepted.get().close();
    }
  }

  @Test
  void aListenerMayAskForCertificates() throws Exception {
    Consumer<SSLParameters> asks = parameters -> parameters.setNeedClientAuth(true);
    ConnectionOptions serving = options().tls(server.trusting(client), asks).build();
    try (Listener listener = Listener.open(ANY, serving)) {
      FutureTask<Connection> accepted = accept(listener);
      Client.connect(listener.address(), options().tls(client.trusting(server)).build()).close();
      accepted.get().close();
      for (SSLContext wrong : List.of(server.trusted(), elsewhere.trusting(server))) {
        List<String> said = refusals(listener, options().tls(wrong).build());
        assertContains("certificate", said.getFirst());
        assertContains("TLS", said.getLast());
      }
    }
  }

  /** What strangers send instead of a greeting, and no time limit of theirs. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ff",
        "00000005",
        "16",
        "1603010005",
        "160301ffff",
        "16030100050100000100",
        "160303000401fffff0",
        "15030300020228",
        "1503030002010016030300020000",
        "140303000101",
        "1703030005aaaaaaaaaa",
        "8080010301",
        "474554202f20485454502f312e310d0a0d0a"
      })
  void garbageIsRefused(String sent) throws Exception {
    ConnectionOptions soon =
        ConnectionOptions.builder()
            .authKey(KEY)
            .tls(server.trusting())
            .handshakeTimeout(Duration.ofMillis(300))
            .build();
    for (boolean closes : new boolean[] {false, true}) {
      try (Listener listener = Listener.open(Address.tcp("127.0.0.1", 0), soon);
          Socket stranger =
              new Socket(InetAddress.getLoopbackAddress(), listener.address().port())) {
        stranger.getOutputStream().write(HexFormat.of().parseHex(sent));
        if (closes) {
          stranger.shutdownOutput();
        }
        assertThrows(AuthenticationException.class, listener::accept);
      }
    }
  }

  /** A greeting as it should be, but for some bytes of it, or with an end too early. */
  @Test
  void damagedGreetingsAreRefused() throws Exception {
    byte[] greeting = greeting();
    Random random = new Random(11);
    ConnectionOptions soon =
        ConnectionOptions.builder()
            .authKey(KEY)
            .tls(server.trusting())
            .handshakeTimeout(Duration.ofSeconds(30))
            .build();
    try (Listener listener = Listener.open(Address.tcp("127.0.0.1", 0), soon)) {
      for (int i = 0; i < 100; i++) {
        byte[] damaged = Arrays.copyOf(greeting, 1 + random.nextInt(greeting.length));
        for (int more = random.nextInt(3); more > 0; more--) {
          damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
        }
        try (Socket stranger =
            new Socket(InetAddress.getLoopbackAddress(), listener.address().port())) {
          stranger.getOutputStream().write(damaged);
          stranger.shutdownOutput();
          assertThrows(AuthenticationException.class, listener::accept);
        }
      }
      assertServes(listener);
    }
  }

  /** What a client says first. */
  private static byte[] greeting() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Address address = Address.tcp("127.0.0.1", socket.getLocalPort());
      FutureTask<Connection> connecting = run(true, () -> Client.connect(address, trusting()));
      byte[] greeting;
      try (Socket accepted = socket.accept()) {
        greeting = accepted.getInputStream().readNBytes(200);
      }
      assertThrows(ExecutionException.class, connecting::get);
      return greeting;
    }
  }

  @Test
  void aConnectionThatIsDamagedLaterSaysSo() throws Exception {
    try (Listener listener = Listener.open(ANY, serving())) {
      FutureTask<Connection> accepted = accept(listener);
      try (Connection here = Client.connect(listener.address(), trusting());
          Connection there = accepted.get()) {
        // past the encryption, as somebody between the two would
        UnixSocket.send(
            here.socket().lease().descriptor(), HexFormat.of().parseHex("17030300041111111122"), 0);
        assertTrue(there.poll(Duration.ofSeconds(30)));
        IOException thrown = assertThrows(IOException.class, there::recvBytes);
        assertFalse(thrown instanceof EOFException, thrown.toString());
        assertThrows(IOException.class, there::recvBytes);
      }
    }
  }

  @Test
  void itIsForTcpAndStaysInItsProcess() throws Exception {
    assertThrows(
        IllegalArgumentException.class, () -> Listener.open(Address.arbitrary(), serving()));
    assertThrows(
        IllegalArgumentException.class, () -> Client.connect(Address.arbitrary(), trusting()));
    try (Listener listener = Listener.open(ANY, serving())) {
      FutureTask<Connection> accepted = accept(listener);
      try (Connection here = Client.connect(listener.address(), trusting());
          Connection there = accepted.get();
          ObjectOutputStream out = new ObjectOutputStream(new ByteArrayOutputStream())) {
        assertThrows(NotSerializableException.class, () -> out.writeObject(here));
        assertThrows(NotSerializableException.class, () -> out.writeObject(listener));
        there.sendBytes(KEY);
        assertArrayEquals(KEY, here.recvBytes());
      }
    }
  }

  /** The JDK changes keys after so many bytes, and asks its peer to do so. */
  @Test
  void keysAreChangedOnTheWay() throws Exception {
    String file = server.file().toString();
    Children.run(
        StartMethod.SPAWN,
        () -> {
          Security.setProperty("jdk.tls.keyLimits", "AES/GCM/NoPadding KeyUpdate 2^17");
          server = Identity.load(Path.of(file));
          new TlsTest().messagesOfAnySizeTravelBothWays(false);
        });
  }
}
