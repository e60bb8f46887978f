package multiprocessing.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import multiprocessing.testing.MayOutlive;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Proves;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Waiting for the JDK's channels beside connections. */
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
}
