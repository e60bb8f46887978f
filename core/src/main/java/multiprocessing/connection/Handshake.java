package multiprocessing.connection;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.wire.MessageSocket;

/** Both ends' proof of the secret, within the time that the options give; a failure closes. */
final class Handshake {
  private Handshake() {}

  /**
   * Runs it, if there is a secret.
   *
   * @param isListener whether this end asks first
   */
  static void run(Connection connection, ConnectionOptions options, boolean isListener)
      throws IOException, InterruptedException {
    byte[] key = options.authKey();
    if (key == null) {
      return;
    }
    MessageSocket socket = connection.socket();
    socket.setDeadline(System.nanoTime() + Times.nanos(options.handshakeTimeout()));
    boolean done = false;
    try {
      Authentication.Channel channel = new Words(socket);
      if (isListener) {
        Authentication.deliverChallenge(channel, key, Authentication.DEFAULT_DIGEST);
        Authentication.answerChallenge(channel, key);
      } else {
        Authentication.answerChallenge(channel, key);
        Authentication.deliverChallenge(channel, key, Authentication.DEFAULT_DIGEST);
      }
      done = true;
    } finally {
      socket.clearDeadline();
      if (!done) {
        connection.close();
      }
    }
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
