package multiprocessing.connection;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntPredicate;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.OsException;
import multiprocessing.internal.os.SocketName;
import multiprocessing.internal.os.Sockets;
import org.jspecify.annotations.Nullable;

/** The descriptors of the JDK's TCP sockets, which do not tell them: found by their addresses. */
final class JdkSockets {
  private static final Path OPEN = Path.of("/proc/self/fd");

  private JdkSockets() {}

  /**
   * A copy of the descriptor of a connected socket.
   *
   * @throws IOException if there is no such socket
   */
  static int copy(@Nullable SocketAddress local, @Nullable SocketAddress peer) throws IOException {
    return copy(
        local + " to " + peer,
        socket -> isAt(local, Sockets.localName(socket)) && isAt(peer, Sockets.peerName(socket)));
  }

  /**
   * A copy of the descriptor of a socket that connections are accepted from.
   *
   * @throws IOException if there is no such socket
   */
  static int copyListening(@Nullable SocketAddress local) throws IOException {
    return copy(
        local + ", listening",
        socket -> isAt(local, Sockets.localName(socket)) && Sockets.isListening(socket));
  }

  private static int copy(String what, IntPredicate isSought) throws IOException {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(OPEN)) {
      for (Path each : all) {
        int descriptor = Integer.parseInt(each.getFileName().toString());
        if (isSocket(each) && holds(isSought, descriptor)) {
          return Descriptors.duplicate(descriptor, 0);
        }
      }
    }
    throw new IOException("this process has no TCP socket from " + what + "; was it closed?");
  }

  private static boolean isSocket(Path link) {
    try {
      return Files.readSymbolicLink(link).toString().startsWith("socket:");
    } catch (IOException e) {
      return false; // closed meanwhile
    }
  }

  private static boolean holds(IntPredicate isSought, int descriptor) {
    try {
      return isSought.test(descriptor);
    } catch (OsException e) {
      return false; // it is not connected
    }
  }

  private static boolean isAt(@Nullable SocketAddress address, SocketName name) {
    if (!(address instanceof InetSocketAddress inet) || name.family() == SocketName.UNIX) {
      return false;
    }
    try {
      InetAddress host = InetAddress.getByAddress(name.host());
      // A socket for all addresses is one of IPv6 to the kernel, and not to the JDK.
      return inet.getPort() == name.port()
          && (host.equals(inet.getAddress())
              || (host.isAnyLocalAddress() && inet.getAddress().isAnyLocalAddress()));
    } catch (IOException e) {
      return false; // no kernel gives such an address
    }
  }
}
