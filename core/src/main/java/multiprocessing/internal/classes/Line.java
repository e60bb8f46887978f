package multiprocessing.internal.classes;

import java.util.ArrayList;
import java.util.List;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.wire.FrameSocket;
import multiprocessing.internal.wire.Reader;
import multiprocessing.internal.wire.Writer;

/** A child's line to its parent, for questions about classes and resources; one at a time. */
final class Line {
  /** Asks for the bytes of a class, by its binary name. */
  static final int CLASS = 1;

  /** Asks for the contents of all resources of a name. */
  static final int RESOURCES = 2;

  private final FrameSocket socket;

  Line(int socket) {
    this.socket = new FrameSocket(socket);
  }

  /** Asks; gives what was found, nothing too if the parent is gone. */
  synchronized List<byte[]> ask(int kind, String name) {
    boolean sent = socket.send(new Writer().number(kind).text(name).toBytes());
    FrameSocket.Frame frame = sent ? socket.receive() : null;
    return frame == null ? List.of() : read(frame.bytes());
  }

  /**
   * Takes an answer apart.
   *
   * @throws IllegalStateException if it is none
   */
  static List<byte[]> read(byte[] answer) {
    Reader reader = new Reader(answer);
    List<byte[]> found = new ArrayList<>();
    for (long left = reader.number(); left > 0; left--) {
      found.add(reader.bytes());
    }
    return found;
  }

  static byte[] answer(List<byte[]> found) {
    Writer writer = new Writer().number(found.size());
    found.forEach(writer::bytes);
    return writer.toBytes();
  }

  /** Gives the descriptor back in a fork, where another thread may be in the middle of asking. */
  void closeForked() {
    Descriptors.close(socket.descriptor());
  }
}
