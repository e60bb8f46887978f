package multiprocessing.connection;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import multiprocessing.error.AuthenticationException;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.UnixSocket;
import multiprocessing.stress.Target;

/** What comes over the network: messages, and the handshake before them. */
public final class ConnectionTargets {
  private static final byte[] KEY = "secret".getBytes(US_ASCII);
  private static final int MOST_BYTES = 4096;

  private ConnectionTargets() {}

  /** A decoder each. */
  public static List<Target> all() {
    byte[] nonce = new byte[40];
    return List.of(
        new Target(
            "challenges",
            List.of(join("#CHALLENGE#{sha256}", nonce), join("#CHALLENGE#", new byte[20])),
            List.of(AuthenticationException.class),
            message -> Authentication.answerChallenge(new Peer(message), KEY)),
        new Target(
            "answers to challenges",
            List.of(join("{sha256}", new byte[32]), join("{sha3_384}", new byte[48]), new byte[16]),
            List.of(AuthenticationException.class),
            message -> Authentication.deliverChallenge(new Peer(message), KEY, "sha256")),
        new Target(
            "messages of connections",
            List.of(
                new byte[] {0, 0, 0, 3, 7, 8, 9, 0, 0, 0, 0, 0, 0, 0, 1, 5},
                new byte[] {-1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 2, 6, 7}),
            List.of(IOException.class),
            ConnectionTargets::receive));
  }

  private static byte[] join(String text, byte[] bytes) {
    byte[] first = text.getBytes(US_ASCII);
    byte[] both = Arrays.copyOf(first, first.length + bytes.length);
    System.arraycopy(bytes, 0, both, first.length, bytes.length);
    return both;
  }

  private static void receive(byte[] bytes) throws IOException, InterruptedException {
    int[] ends = UnixSocket.pair();
    try {
      if (bytes.length > 0) {
        UnixSocket.send(ends[1], bytes, 0);
      }
    } finally {
      Descriptors.close(ends[1]);
    }
    Connection.Terms terms =
        new Connection.Terms(true, true, true, Connection.Trust.TREE, Long.MAX_VALUE, null);
    try (Connection connection = new Connection(ends[0], terms)) {
      while (true) {
        connection.recvBytes(MOST_BYTES); // up to the end, which is an exception
      }
    }
  }

  /** A peer that says one thing, and then what an honest one says last. */
  private static final class Peer implements Authentication.Channel {
    private final Queue<byte[]> words;

    Peer(byte[] message) {
      words = new ArrayDeque<>(List.of(message, "#WELCOME#".getBytes(US_ASCII)));
    }

    @Override
    public void send(byte[] message) {
      // it does not listen
    }

    @Override
    public byte[] receive(int most) throws IOException {
      byte[] message = words.remove();
      if (message.length > most) {
        throw new IOException("a message of " + message.length + " bytes");
      }
      return message;
    }
  }
}
