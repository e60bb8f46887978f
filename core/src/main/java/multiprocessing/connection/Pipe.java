package multiprocessing.connection;

import multiprocessing.connection.Connection.Terms;
import multiprocessing.connection.Connection.Trust;
import multiprocessing.internal.os.Sockets;
import multiprocessing.internal.os.UnixSocket;

/**
 * Two connections that are each other's peers. The counterpart of what {@code
 * multiprocessing.Pipe()} returns.
 *
 * {@snippet :
 * try (Pipe pipe = Pipe.open()) {
 *   Connection there = pipe.second();
 *   ChildProcess child = ChildProcess.of(() -> there.send("hello"));
 *   child.start();
 *   there.close(); // the child has it now
 *   System.out.println(pipe.first().recv());
 *   child.join();
 * }
 * }
 *
 * <p>Close an end here once it was given to another process: only then can its peer notice that the
 * other process is gone. Sharing, memory effects, deaths and cost are those of {@link Connection}.
 *
 * @param first one end; that which receives, if the pipe has one direction
 * @param second the other end; that which sends, if the pipe has one direction
 */
public record Pipe(Connection first, Connection second) implements AutoCloseable {
  /** Returns a pipe of which both ends send and receive. */
  public static Pipe open() {
    return open(true);
  }

  /**
   * Returns a pipe.
   *
   * @param duplex whether both ends send and receive; if not, the first end receives and the second
   *     one sends
   * @return the pipe
   */
  public static Pipe open(boolean duplex) {
    int[] ends = UnixSocket.pair();
    if (!duplex) {
      Sockets.shutdown(ends[0], false);
      Sockets.shutdown(ends[1], true);
    }
    return new Pipe(
        new Connection(ends[0], terms(true, duplex)), new Connection(ends[1], terms(duplex, true)));
  }

  private static Terms terms(boolean readable, boolean writable) {
    return new Terms(readable, writable, true, Trust.TREE, Long.MAX_VALUE, null);
  }

  /** Closes both ends. */
  @Override
  public void close() {
    first.close();
    second.close();
  }
}
