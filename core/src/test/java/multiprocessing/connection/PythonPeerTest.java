package multiprocessing.connection;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Stream;
import multiprocessing.error.AuthenticationException;
import multiprocessing.error.SerializationException;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections with Python's own {@code multiprocessing.connection} at the other end. */
@ProcessTest
@SuppressWarnings(
    "try") // what is closed twice, or at another time than its block ends, is what is tested
final class PythonPeerTest {
  private static final byte[] KEY = "a secret".getBytes(US_ASCII);
  private static final int[] SIZES = {0, 1, 16_384, 16_385, 1 << 20, 64 << 20};

  /** Reads an address as this library writes it. */
  private static final String ADDRESS =
      """
      import sys
      def address(text):
          if text.startswith('@'): return '\\0' + text[1:]
          if '/' in text: return text
          host, port = text.rsplit(':', 1)
          return (host, int(port))
      """;

  private static final String ECHO_CLIENT =
      ADDRESS
          + """
          from multiprocessing.connection import Client
          with Client(address(sys.argv[1]), authkey=bytes.fromhex(sys.argv[2])) as c:
              try:
                  while True: c.send_bytes(c.recv_bytes())
              except EOFError: print('end')
          """;

  private static final String ECHO_LISTENER =
      ADDRESS
          + """
          from multiprocessing.connection import Listener
          with Listener(address(sys.argv[1]), authkey=bytes.fromhex(sys.argv[2])) as l:
              print(l.address[1] if isinstance(l.address, tuple) else 'listening')
              with l.accept() as c:
                  try:
                      while True: c.send_bytes(c.recv_bytes())
                  except EOFError: print('end')
          """;

  @TempDir private Path folder;

  static Stream<String> addresses() {
    return Stream.of("127.0.0.1:0", "@multiprocessing-test-" + ProcessHandle.current().pid(), "");
  }

  private Address address(String text) {
    return text.isEmpty() ? Address.unix(folder.resolve("s")) : Address.parse(text);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static void exchange(Connection connection) throws Exception {
    Random random = new Random(1);
    for (int size : SIZES) {
      byte[] message = new byte[size];
      random.nextBytes(message);
      connection.sendBytes(message);
      assertArrayEquals(message, connection.recvBytes());
    }
  }

  @ParameterizedTest
  @MethodSource("addresses")
  void pythonConnectsToJava(String text) throws Exception {
    try (Listener listener = Listener.open(address(text), KEY);
        Python python = Python.start(ECHO_CLIENT, listener.address().toString(), hex(KEY))) {
      try (Connection connection = listener.accept()) {
        exchange(connection);
      }
      assertEquals("end", python.line());
      python.requireSuccess();
    }
  }

  @ParameterizedTest
  @MethodSource("addresses")
  void javaConnectsToPython(String text) throws Exception {
    Address address = address(text);
    try (Python python = Python.start(ECHO_LISTENER, address.toString(), hex(KEY))) {
      String said = python.line();
      Address actual = address.isTcp() ? Address.tcp("127.0.0.1", Integer.parseInt(said)) : address;
      try (Connection connection = Client.connect(actual, KEY)) {
        exchange(connection);
      }
      assertEquals("end", python.line());
      python.requireSuccess();
    }
  }

  @Test
  @Proves(181)
  void javaRefusesAPythonClientWithAnotherKey() throws Exception {
    String program =
        ADDRESS
            + """
            from multiprocessing.connection import Client
            from multiprocessing import AuthenticationError
            try: Client(address(sys.argv[1]), authkey=b'another')
            except AuthenticationError as e: print(e)
            """;
    try (Listener listener = Listener.open(Address.arbitrary(), KEY);
        Python python = Python.start(program, listener.address().toString())) {
      assertThrows(AuthenticationException.class, listener::accept);
      assertEquals("digest sent was rejected", python.line());
    }
  }

  @Test
  @Proves(182)
  void aPythonListenerRefusesJavaWithAnotherKey() throws Exception {
    String program =
        """
        from multiprocessing.connection import Listener
        from multiprocessing import AuthenticationError
        with Listener(('127.0.0.1', 0), authkey=b'another') as l:
            print(l.address[1])
            try: l.accept()
            except AuthenticationError as e: print(e)
        """;
    try (Python python = Python.start(program)) {
      Address address = Address.tcp("127.0.0.1", Integer.parseInt(python.line()));
      assertThrows(AuthenticationException.class, () -> Client.connect(address, KEY));
      assertEquals("digest received was wrong", python.line());
    }
  }

  @Test
  void anEndWithoutAKeyIsRefusedByOneThatHasOne() throws Exception {
    String program =
        ADDRESS
            + """
            from multiprocessing.connection import Client
            with Client(address(sys.argv[1])) as c:
                c.send_bytes(b'no handshake')
                c.recv_bytes()
                print(c.recv_bytes())
            """;
    try (Listener listener = Listener.open(Address.arbitrary(), KEY);
        Python python = Python.start(program, listener.address().toString())) {
      assertThrows(AuthenticationException.class, listener::accept);
      assertEquals("b'#FAILURE#'", python.line());
    }
  }

  /** The handshake of Python 3.12 and later, written down independently of that in the library. */
  @ParameterizedTest
  @Proves(183)
  @ValueSource(strings = {"sha256", "sha384", "sha3_256", "sha3_384", "md5"})
  void aLaterPythonIsUnderstood(String digest) throws Exception {
    String program =
        ADDRESS
            + """
            import hmac, os
            from multiprocessing.connection import Client
            key, name = bytes.fromhex(sys.argv[2]), sys.argv[3]
            head = b'{' + name.encode() + b'}'
            with Client(address(sys.argv[1])) as c:
                challenge = c.recv_bytes(256)
                assert challenge.startswith(b'#CHALLENGE#{sha256}'), challenge
                c.send_bytes(head + hmac.digest(key, challenge[11:], name))
                assert c.recv_bytes(256) == b'#WELCOME#'
                mine = head + os.urandom(40)
                c.send_bytes(b'#CHALLENGE#' + mine)
                assert c.recv_bytes(256) == head + hmac.digest(key, mine, name)
                c.send_bytes(b'#WELCOME#')
                c.send_bytes(b'ready')
                assert c.recv_bytes() == b'go'
            """;
    try (Listener listener = Listener.open(Address.arbitrary(), KEY);
        Python python = Python.start(program, listener.address().toString(), hex(KEY), digest);
        Connection connection = listener.accept()) {
      assertArrayEquals("ready".getBytes(US_ASCII), connection.recvBytes());
      connection.sendBytes("go".getBytes(US_ASCII));
      python.requireSuccess();
    }
  }

  @Test
  void anUnknownDigestIsRefused() throws Exception {
    String program =
        ADDRESS
            + """
            from multiprocessing.connection import Client
            with Client(address(sys.argv[1])) as c:
                c.recv_bytes()
                c.send_bytes(b'{sha1}' + bytes(20))
                print(c.recv_bytes())
            """;
    try (Listener listener = Listener.open(Address.arbitrary(), KEY);
        Python python = Python.start(program, listener.address().toString())) {
      assertThrows(AuthenticationException.class, listener::accept);
      assertEquals("b'#FAILURE#'", python.line());
    }
  }

  @Test
  @Proves(140)
  void theEmptyKeyIsAKey() throws Exception {
    try (Listener listener = Listener.open(Address.arbitrary(), new byte[0]);
        Python python = Python.start(ECHO_CLIENT, listener.address().toString(), "");
        Connection connection = listener.accept()) {
      connection.sendBytes(KEY);
      assertArrayEquals(KEY, connection.recvBytes());
      connection.close();
      python.requireSuccess();
    }
  }

  @Test
  void aPythonObjectIsNotTakenForOneOfJava() throws Exception {
    String program =
        ADDRESS
            + """
            from multiprocessing.connection import Client
            with Client(address(sys.argv[1])) as c: c.send([1, 2]); c.send_bytes(b'x')
            """;
    try (Listener listener = Listener.open(Address.arbitrary());
        Python python = Python.start(program, listener.address().toString());
        Connection connection = listener.accept()) {
      SerializationException thrown =
          assertThrows(SerializationException.class, () -> connection.recv());
      assertTrue(String.valueOf(thrown.getMessage()).contains("sendBytes"), thrown.getMessage());
      assertEquals(1, connection.recvBytes().length);
      python.requireSuccess();
    }
  }

  @Test
  void aKilledPythonIsNoticed() throws Exception {
    try (Listener listener = Listener.open(Address.arbitrary(), KEY);
        Python python = Python.start(ECHO_CLIENT, listener.address().toString(), hex(KEY));
        Connection connection = listener.accept()) {
      python.close();
      assertThrows(IOException.class, connection::recvBytes);
    }
  }
}
