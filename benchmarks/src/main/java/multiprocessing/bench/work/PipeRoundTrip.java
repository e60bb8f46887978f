package multiprocessing.bench.work;

import multiprocessing.connection.Connection;
import multiprocessing.connection.Pipe;
import multiprocessing.process.ChildProcess;

/** Bytes go to another process through a pipe, and come back. */
final class PipeRoundTrip implements Work {
  private final Connection connection;
  private final byte[] message;

  /**
   * A pipe to a child.
   *
   * @param bytes how many bytes a message has
   */
  PipeRoundTrip(int bytes) {
    Pipe pipe = Pipe.open();
    Connection there = pipe.second();
    ChildProcess.builder().target(() -> echo(there)).daemon(true).start();
    there.close();
    connection = pipe.first();
    message = new byte[bytes];
  }

  private static void echo(Connection connection) throws Exception {
    while (true) {
      connection.sendBytes(connection.recvBytes());
    }
  }

  @Override
  public long run(long count) throws Exception {
    long total = 0;
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      connection.sendBytes(message);
      total += connection.recvBytes().length;
    }
    long spent = System.nanoTime() - start;
    Work.check(total, count * message.length);
    return spent;
  }
}
