package multiprocessing.manager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import multiprocessing.connection.Address;
import multiprocessing.error.AuthenticationException;
import multiprocessing.error.ProcessException;
import multiprocessing.error.SerializationException;
import multiprocessing.testing.MayOutlive;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;

/** Managers that other programs connect to, and those that should not. */
@ProcessTest
@MayOutlive("socket:.*") // the JDK keeps one for its own sockets once one was closed
final class RemoteManagerTest {
  private static final byte[] KEY = {5, 6, 7};
  private static final Address ANY = Address.tcp("127.0.0.1", 0);

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
