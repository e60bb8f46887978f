package multiprocessing.connection;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.io.Serializable;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import multiprocessing.error.AuthenticationException;
import multiprocessing.error.SerializationException;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Listeners and clients within one process, and peers that do not keep to the rules. */
@ProcessTest
@SuppressWarnings(
    "try") // what is closed twice, or at another time than its block ends, is what is tested
final class ListenerTest {
  private static final byte[] KEY = {1, 2, 3};

  @TempDir private Path folder;

  private List<Address> addresses() {
    return List.of(
        Address.tcp("127.0.0.1", 0),
        Address.tcp("::1", 0),
        Address.unix(folder.resolve("socket")),
        Address.abstractUnix("multiprocessing-test-" + ProcessHandle.current().pid()));
  }

  private static FutureTask<Connection> accept(Listener listener) {
    FutureTask<Connection> task = new FutureTask<>(listener::accept);
    Thread.ofVirtual().start(task);
    return task;
  }

  @Test
  @Proves({141, 144})
  void eachKindOfAddressWorks() throws Exception {
    for (Address address : addresses()) {
      try (Listener listener = Listener.open(address, KEY)) {
        FutureTask<Connection> accepted = accept(listener);
        try (Connection client = Client.connect(listener.address(), KEY);
            Connection server = accepted.get()) {
          assertFalse(client.poll());
          server.sendBytes(KEY);
          assertTrue(client.poll(Duration.ofSeconds(30)));
          assertArrayEquals(KEY, client.recvBytes());
          client.send(List.of("an object", address));
          assertEquals(List.of("an object", address), server.recv());
        }
        assertEquals(address.isTcp(), listener.lastAccepted() != null);
      }
    }
    assertFalse(Files.exists(folder.resolve("socket")), "the socket file is deleted");
  }

  @Test
  @Proves(138)
  void anAddressCanBeUsedOnce() throws Exception {
    for (Address address : addresses()) {
      try (Listener listener = Listener.open(address)) {
        BindException thrown =
            assertThrows(BindException.class, () -> Listener.open(listener.address()));
        assertTrue(String.valueOf(thrown.getMessage()).contains(listener.address().toString()));
      }
      Listener.open(address).close();
    }
  }

  @Test
  @Proves(139)
  void aClosedListenerAcceptsNobody() throws Exception {
    Listener closed;
    try (Listener listener = Listener.open();
        Connection client = Client.connect(listener.address());
        Connection accepted = listener.accept()) {
      accepted.send(1729);
      assertEquals(1729, client.recv());
      assertNull(listener.lastAccepted());
      closed = listener;
    }
    assertThrows(IOException.class, closed::accept);
    assertThrows(ConnectException.class, () -> Client.connect(closed.address()));
    closed.close();
    assertThrows(
        ConnectException.class, () -> Client.connect(Address.unix(folder.resolve("nobody"))));
  }

  @Test
  @Proves(196)
  void addressesAreReadAndWritten() {
    assertThrows(IllegalArgumentException.class, () -> Address.parse("\\\\.\\test"));
    assertThrows(IllegalArgumentException.class, () -> Address.parse("nothing"));
    assertThrows(IllegalArgumentException.class, () -> Address.parse("host:port"));
    assertThrows(IllegalArgumentException.class, () -> Address.tcp("host", 70_000));
    assertThrows(IllegalArgumentException.class, () -> Address.abstractUnix("x".repeat(108)));
    assertThrows(
        IllegalArgumentException.class, () -> Address.unix(Path.of("/" + "x".repeat(107))));
    for (Address address : addresses()) {
      assertEquals(address, Address.parse(address.toString()));
      assertEquals(address.hashCode(), Address.parse(address.toString()).hashCode());
    }
    assertEquals("[::1]:5", Address.tcp("::1", 5).toString());
    assertEquals(Path.of("./here"), Address.parse("./here").path());
  }

  @Test
  void wrongKeysAreRefusedOnBothSides() throws Exception {
    try (Listener listener = Listener.open(Address.arbitrary(), KEY)) {
      for (byte[] wrong : new byte[][] {{}, {1, 2}, {1, 2, 4}}) {
        FutureTask<Connection> accepted = accept(listener);
        AuthenticationException here =
            assertThrows(
                AuthenticationException.class, () -> Client.connect(listener.address(), wrong));
        assertTrue(
            String.valueOf(here.getMessage()).contains("different auth keys"), here.getMessage());
        assertTrue(
            assertThrows(ExecutionException.class, accepted::get).getCause()
                instanceof AuthenticationException);
      }
      FutureTask<Connection> accepted = accept(listener);
      Client.connect(listener.address(), KEY).close();
      accepted.get().close();
    }
  }

  /** What strangers send instead of an answer, and no time limit of theirs. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ff",
        "00000005",
        "00000005aa",
        "7fffffff",
        "ffffffff",
        "ffffffff7fffffffffffffff",
        "80000000",
        "00000000",
        "000000020d0a",
        "474554202f20485454502f312e310d0a0d0a"
      })
  void garbageIsRefused(String sent) throws Exception {
    ConnectionOptions options =
        ConnectionOptions.builder().authKey(KEY).handshakeTimeout(Duration.ofMillis(300)).build();
    Address any = Address.tcp("127.0.0.1", 0);
    for (boolean closes : new boolean[] {false, true}) {
      try (Listener listener = Listener.open(any, options);
          Socket stranger =
              new Socket(InetAddress.getLoopbackAddress(), listener.address().port())) {
        stranger.getOutputStream().write(HexFormat.of().parseHex(sent));
        if (closes) {
          stranger.shutdownOutput();
        }
        assertThrows(AuthenticationException.class, listener::accept);
        FutureTask<Connection> next = accept(listener);
        Client.connect(listener.address(), KEY).close();
        next.get().close();
      }
    }
  }

  @Test
  void randomGarbageNeverDoesMoreThanFail() throws Exception {
    Random random = new Random(7);
    try (Listener listener = Listener.open(Address.tcp("127.0.0.1", 0))) {
      for (int i = 0; i < 300; i++) {
        byte[] garbage = new byte[random.nextInt(40)];
        random.nextBytes(garbage);
        if (garbage.length > 3 && random.nextBoolean()) {
          ByteBuffer.wrap(garbage).putInt(garbage.length - 4 + random.nextInt(2));
        }
        try (Socket stranger =
            new Socket(InetAddress.getLoopbackAddress(), listener.address().port())) {
          stranger.getOutputStream().write(garbage);
          stranger.shutdownOutput();
          try (Connection connection = listener.accept()) {
            while (true) {
              Object _ = connection.recv();
            }
          } catch (SerializationException | IOException e) {
            // as it should be
          }
        }
      }
    }
  }

  @Test
  void aHugeLengthTakesNoMemory() throws Exception {
    try (Listener listener = Listener.open(Address.tcp("127.0.0.1", 0))) {
      List<Socket> strangers = new ArrayList<>();
      for (int i = 0; i < 40; i++) { // two gigabytes each, if they were believed
        Socket stranger = new Socket(InetAddress.getLoopbackAddress(), listener.address().port());
        strangers.add(stranger);
        stranger.getOutputStream().write(new byte[] {0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xf7});
        stranger.shutdownOutput();
        try (Connection connection = listener.accept()) {
          IOException thrown = assertThrows(IOException.class, connection::recvBytes);
          assertFalse(thrown instanceof EOFException, "the message was cut off");
          assertThrows(IOException.class, connection::recvBytes);
        }
      }
      for (Socket stranger : strangers) {
        stranger.close();
      }
    }
  }

  @Test
  void aListenerMayLimitMessages() throws Exception {
    ConnectionOptions options = ConnectionOptions.builder().maxMessageBytes(100).build();
    try (Listener listener = Listener.open(Address.arbitrary(), options);
        Connection client = Client.connect(listener.address());
        Connection accepted = listener.accept()) {
      client.sendBytes(new byte[100]);
      client.sendBytes(new byte[101]);
      assertEquals(100, accepted.recvBytes().length);
      IOException thrown = assertThrows(IOException.class, accepted::recvBytes);
      assertTrue(String.valueOf(thrown.getMessage()).contains("100"), thrown.getMessage());
    }
  }

  record Message(String text) implements Serializable {}

  @Test
  void objectsOfStrangersAreNotMade() throws Exception {
    Address any = Address.tcp("127.0.0.1", 0);
    try (Listener listener = Listener.open(any);
        Connection client = Client.connect(listener.address());
        Connection accepted = listener.accept()) {
      client.send(new Message("no"));
      client.send("plain");
      client.send(new int[] {1, 2});
      SerializationException thrown =
          assertThrows(SerializationException.class, () -> accepted.recv());
      assertTrue(String.valueOf(thrown.getMessage()).contains("auth key"), thrown.getMessage());
      assertEquals("plain", accepted.recv());
      assertArrayEquals(new int[] {1, 2}, (int[]) accepted.recv());
    }
    ConnectionOptions filtered =
        ConnectionOptions.builder().filter(Message.class.getName() + ";java.base/*;!*").build();
    try (Listener listener = Listener.open(any, filtered);
        Connection client = Client.connect(listener.address());
        Connection accepted = listener.accept()) {
      client.send(List.of(new Message("yes")));
      client.send(Address.arbitrary());
      assertEquals(List.of(new Message("yes")), accepted.recv());
      assertThrows(SerializationException.class, () -> accepted.recv());
    }
  }

  @Test
  void aSilentClientHoldsUpNobodyWhoServesByThreads() throws Exception {
    try (Listener listener = Listener.open(Address.arbitrary(), KEY);
        Connection silent = Client.connect(listener.address())) {
      FutureTask<Connection> refused =
          new FutureTask<>(
              () -> {
                Listener.Incoming incoming = listener.next();
                Thread.ofVirtual().start(() -> assertThrows(Exception.class, incoming::admit));
                return listener.accept();
              });
      Thread.ofVirtual().start(refused);
      Client.connect(listener.address(), KEY).close();
      refused.get().close();
      assertTrue(silent.poll(Duration.ofSeconds(30)), "it was sent its challenge");
    }
  }
}
