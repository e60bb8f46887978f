package multiprocessing.connection;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import multiprocessing.error.SerializationException;
import multiprocessing.process.ChildProcess;
import multiprocessing.process.StartMethod;
import multiprocessing.queue.ProcessQueue;
import multiprocessing.testing.Children;
import multiprocessing.testing.MayOutlive;
import multiprocessing.testing.ProcessTest;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sockets and files that are sent to other processes. */
@ProcessTest
@MayOutlive("socket:.*") // the JDK keeps one for its own channels once one was closed
@SuppressWarnings("try") // a channel is closed within its block, as it was sent
final class SharedChannelTest {
  private static final StartMethod METHOD = StartMethod.FORKSERVER;

  @TempDir private Path folder;

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }

  private static String text(SharedChannel channel) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(100);
    while (channel.read(target) >= 0) {
      // to the end
    }
    return new String(target.array(), 0, target.position(), US_ASCII);
  }

  @ParameterizedTest
  @Proves({134, 135})
  @EnumSource(
      value = StartMethod.class,
      names = {"SPAWN", "FORKSERVER"})
  void aChildWritesToAFileOfItsParent(StartMethod method) throws Exception {
    Path file = folder.resolve("file");
    List<Pipe> pipes = new ArrayList<>();
    for (int i = 0; i < 140; i++) {
      pipes.add(Pipe.open()); // so that the file's number is above 256
    }
    try (SharedChannel channel = SharedChannel.writing(file, false)) {
      assertEquals(2, channel.write(bytes("a ")));
      Children.run(method, () -> channel.write(bytes("b ")));
      channel.write(bytes("c"));
    }
    assertEquals("a b c", Files.readString(file));
    pipes.forEach(Pipe::close);
    try (SharedChannel channel = SharedChannel.reading(file)) {
      assertEquals("a b c", text(channel));
    }
    assertThrows(IOException.class, () -> SharedChannel.reading(folder.resolve("missing")));
  }

  @Test
  @Proves(149)
  void aChildServesASocketThatItsParentHasAccepted() throws Exception {
    ProcessQueue<SharedChannel> queue = new ProcessQueue<>();
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    ChildProcess child =
        Children.start(
            METHOD,
            () -> {
              try (SharedChannel client = queue.take()) {
                ByteBuffer question = ByteBuffer.allocate(4);
                while (question.hasRemaining() && client.read(question) >= 0) {
                  // the rest comes
                }
                client.write(question.flip());
                client.write(bytes("!"));
              }
            });
    try (ServerSocketChannel server = ServerSocketChannel.open().bind(any);
        SocketChannel client = SocketChannel.open(server.getLocalAddress())) {
      try (SocketChannel accepted = server.accept();
          SharedChannel shared = SharedChannel.of(accepted)) {
        queue.put(shared);
      }
      client.write(bytes("ping"));
      ByteBuffer answer = ByteBuffer.allocate(10);
      while (client.read(answer) >= 0) {
        // until the child has closed it
      }
      assertEquals("ping!", new String(answer.array(), 0, answer.position(), US_ASCII));
    }
    Children.joinAll(child);
  }

  @Test
  @Proves(136)
  void aMessageThatHasLostItsDescriptorSaysSo() throws Exception {
    try (Pipe there = Pipe.open();
        Pipe on = Pipe.open();
        SharedChannel channel = SharedChannel.writing(folder.resolve("file"), false)) {
      there.first().send(channel);
      on.first().sendBytes(there.second().recvBytes()); // bytes alone
      SerializationException thrown =
          assertThrows(SerializationException.class, () -> on.second().recv());
      assertTrue(String.valueOf(thrown.getMessage()).contains("only once"), thrown.getMessage());
      on.first().send("next");
      assertEquals("next", on.second().recv());
    }
  }

  @Test
  void aClosedChannelRefuses() throws Exception {
    SharedChannel channel = SharedChannel.writing(folder.resolve("file"), true);
    assertTrue(channel.isOpen());
    channel.close();
    channel.close();
    assertFalse(channel.isOpen());
    assertThrows(ClosedChannelException.class, () -> channel.write(bytes("x")));
    try (SocketChannel unconnected = SocketChannel.open()) {
      assertThrows(IOException.class, () -> SharedChannel.of(unconnected));
    }
  }
}
