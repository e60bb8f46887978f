package multiprocessing.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import multiprocessing.testing.Children;
import multiprocessing.testing.MayOutlive;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Waiting for the JDK's channels and sockets beside connections. */
@ProcessTest
@MayOutlive({"anon_inode:\\[eventpoll\\]", "socket:.*"}) // which the JDK keeps for its channels
@SuppressWarnings("try") // a channel is closed within its block, as its peer is to see that
final class WaitForChannelsTest {
  @ParameterizedTest
  @Proves({190, 192})
  @ValueSource(booleans = {false, true})
  void channelsAreWaitedForBesideConnections(boolean virtual) throws Exception {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (ServerSocketChannel server = ServerSocketChannel.open().bind(any);
        SocketChannel client = SocketChannel.open();
        Pipe pipe = Pipe.open()) {
      List<Object> both = List.of(server, pipe.first());
      WaitTest.in(
          virtual,
          () -> {
            assertEquals(List.of(), Wait.any(both, Duration.ofMillis(50)));
            client.connect(server.getLocalAddress());
            assertEquals(List.of(server), Wait.any(both));
            assertTrue(server.isBlocking());
          });
      try (SocketChannel accepted = server.accept()) {
        WaitTest.in(
            virtual,
            () -> {
              List<Object> all = List.of(pipe.first(), accepted);
              assertEquals(List.of(), Wait.any(all, Duration.ofMillis(50)));
              client.write(ByteBuffer.wrap(new byte[] {1}));
              assertEquals(List.of(accepted), Wait.any(all));
              assertEquals(1, accepted.read(ByteBuffer.allocate(1)));
              Thread later =
                  Thread.ofPlatform()
                      .start(
                          () -> {
                            try {
                              pipe.second().send("hello");
                            } catch (Exception e) {
                              throw new AssertionError(e);
                            }
                          });
              assertEquals(List.of(pipe.first()), Wait.any(all));
              later.join();
              client.close();
              assertEquals(all, Wait.any(all));
              assertEquals(-1, accepted.read(ByteBuffer.allocate(1)));
            });
      }
    }
  }

  @ParameterizedTest
  @Proves({190, 192})
  @ValueSource(booleans = {false, true})
  void socketsAreWaitedForBesideConnectionsAndChannels(boolean virtual) throws Exception {
    try (ServerSocket server = new ServerSocket(0);
        DatagramSocket other = new DatagramSocket(server.getLocalPort());
        Socket client = new Socket();
        Socket idle = new Socket(InetAddress.getLoopbackAddress(), server.getLocalPort());
        Socket accepted = server.accept();
        ServerSocketChannel channel = ServerSocketChannel.open().bind(null);
        Pipe pipe = Pipe.open()) {
      assertTrue(other.isBound());
      List<Object> all = List.of(idle, server, accepted, channel, channel.socket(), pipe.first());
      WaitTest.in(
          virtual,
          () -> {
            assertEquals(List.of(), Wait.any(all, Duration.ofMillis(120)));
            client.connect(server.getLocalSocketAddress());
            assertEquals(List.of(server), Wait.any(all));
            server.accept().close();
            accepted.getOutputStream().write(7);
            assertEquals(List.of(idle), Wait.any(all));
            pipe.second().send("hello");
            assertEquals(List.of(idle, pipe.first()), Wait.any(all));
            assertEquals(7, idle.getInputStream().read());
            assertEquals("hello", pipe.first().recv());
            idle.shutdownOutput();
            assertEquals(List.of(accepted), Wait.any(all));
            assertEquals(-1, accepted.getInputStream().read());
          });
    }
  }

  private static long openSockets() {
    return Stream.of(Objects.requireNonNull(new File("/proc/self/fd").listFiles()))
        .filter(WaitForChannelsTest::isSocket)
        .count();
  }

  private static boolean isSocket(File link) {
    try {
      return Files.readSymbolicLink(link.toPath()).toString().startsWith("socket:");
    } catch (IOException e) {
      return false; // closed meanwhile
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aSocketThatIsClosedMeanwhileIsReady(boolean virtual) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket client = new Socket(InetAddress.getLoopbackAddress(), server.getLocalPort());
        Socket accepted = server.accept()) {
      for (Closeable each : List.of(client, server)) {
        long before = openSockets();
        Thread later =
            Thread.ofPlatform()
                .start(
                    () -> {
                      try {
                        Children.await(() -> openSockets() > before); // it waits
                        each.close();
                      } catch (Exception e) {
                        throw new AssertionError(e);
                      }
                    });
        WaitTest.in(virtual, () -> assertEquals(List.of(each), Wait.any(List.of(each))));
        later.join();
        assertThrows(IllegalStateException.class, () -> Wait.any(List.of(each)));
      }
      assertEquals(-1, accepted.getInputStream().read());
    }
  }

  @Test
  void socketsThatCannotBeWaitedForAreRefused() throws Exception {
    try (Socket unconnected = new Socket();
        ServerSocket unbound = new ServerSocket();
        Socket secret = SSLContext.getDefault().getSocketFactory().createSocket()) {
      Duration none = Duration.ZERO;
      assertThrows(IllegalStateException.class, () -> Wait.any(List.of(unconnected), none));
      assertThrows(IllegalStateException.class, () -> Wait.any(List.of(unbound), none));
      assertThrows(IllegalArgumentException.class, () -> Wait.any(List.of(secret), none));
    }
  }
}
