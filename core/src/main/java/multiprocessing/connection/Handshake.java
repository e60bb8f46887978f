package multiprocessing.connection;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.SocketTimeoutException;
import java.security.cert.CertificateException;
import java.util.Locale;
import javax.net.ssl.SSLException;
import multiprocessing.error.AuthenticationException;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.wire.MessageSocket;

/** What comes first: TLS, and both ends' proof of the secret, in time; a failure closes. */
final class Handshake {
  /** What the JDK says, in whatever case, of a peer that has sent something else. */
  private static final String NOT_TLS = "unrecognized ssl message";

  private static final String ALERT = "Received fatal alert";

  private Handshake() {}

  /**
   * Runs it, as far as the options have TLS and a secret.
   *
   * @param isListener whether this end asks for the secret first
   */
  static void run(Connection connection, ConnectionOptions options, boolean isListener)
      throws IOException, InterruptedException {
    byte[] key = options.authKey();
    MessageSocket socket = connection.socket();
    if (key == null && !socket.isEncrypted()) {
      return;
    }
    socket.setDeadline(System.nanoTime() + Times.nanos(options.handshakeTimeout()));
    boolean done = false;
    try {
      encrypt(socket);
      if (key != null) {
        authenticate(new Words(socket), key, isListener);
      }
      done = true;
    } finally {
      socket.clearDeadline();
      if (!done) {
        connection.close();
      }
    }
  }

  private static void authenticate(Authentication.Channel channel, byte[] key, boolean isListener)
      throws IOException, InterruptedException {
    if (isListener) {
      Authentication.deliverChallenge(channel, key, Authentication.DEFAULT_DIGEST);
      Authentication.answerChallenge(channel, key);
    } else {
      Authentication.answerChallenge(channel, key);
      Authentication.deliverChallenge(channel, key, Authentication.DEFAULT_DIGEST);
    }
  }

  private static void encrypt(MessageSocket socket) throws IOException, InterruptedException {
    try {
      socket.handshake();
    } catch (EOFException | SocketTimeoutException | SSLException e) {
      AuthenticationException failure = new AuthenticationException(why(e));
      failure.initCause(e);
      throw failure;
    }
  }

  private static String why(IOException failure) {
    String text = String.valueOf(failure.getMessage());
    if (failure instanceof EOFException) {
      return "the peer closed the connection instead of agreeing on TLS; it may not speak it";
    }
    if (failure instanceof SocketTimeoutException) {
      return "the peer did not agree on TLS in time; it may not speak it";
    }
    if (text.toLowerCase(Locale.ROOT).contains(NOT_TLS)) {
      return "the peer does not speak TLS; set it for both ends, or for none";
    }
    if (text.contains(ALERT)) {
      return "the peer refuses TLS with this end, whose certificate or version it may not accept: "
          + text;
    }
    Throwable root = failure;
    boolean isOfCertificate = false;
    while (root.getCause() != null) {
      root = root.getCause();
      isOfCertificate |= root instanceof CertificateException;
    }
    return isOfCertificate
        ? "the certificate of the peer is not accepted: "
            + root.getMessage()
            + "; give tls() a context that trusts who has signed it, and connect by a name that is in"
            + " it"
        : "the two ends do not agree on TLS: " + text;
  }

  private record Words(MessageSocket socket) implements Authentication.Channel {
    @Override
    public void send(byte[] message) throws IOException, InterruptedException {
      socket.send(MemorySegment.ofArray(new byte[0]), MemorySegment.ofArray(message));
    }

    @Override
    public byte[] receive(int most) throws IOException, InterruptedException {
      MessageSocket.Received received = socket.receive(most);
      received.descriptors().forEach(Descriptors::close);
      return received.bytes();
    }
  }
}
