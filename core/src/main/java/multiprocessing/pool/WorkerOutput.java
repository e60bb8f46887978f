package multiprocessing.pool;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import multiprocessing.internal.session.Session;

/**
 * What a worker prints: it goes where it always went, by the same descriptor; on the way the end of
 * stderr is kept where the pool finds it, also if the worker is killed, and lines get the worker's
 * name if that is wanted.
 */
final class WorkerOutput extends OutputStream {
  private static final int BUFFER_BYTES = 8192;
  private static final int LONGEST_LINE = 64 * 1024;

  private static final List<Named> NAMED = new CopyOnWriteArrayList<>();

  private final PrintStream target;
  private final Sink sink;

  /** Where pieces go. */
  private interface Sink {
    void write(byte[] bytes, int offset, int length);
  }

  private WorkerOutput(PrintStream target, Sink sink) {
    this.target = target;
    this.sink = sink;
  }

  /** Replaces this process's System.err, and System.out if its lines are to be named. */
  static void install(Channel channel, boolean named) {
    PrintStream err = System.err;
    Sink toErr = named ? new Named(err) : err::write;
    System.setErr(
        stream(
            err,
            (bytes, offset, length) -> {
              channel.wrote(bytes, offset, length);
              toErr.write(bytes, offset, length);
            }));
    if (named) {
      PrintStream out = System.out;
      System.setOut(stream(out, new Named(out)));
    }
  }

  private static PrintStream stream(PrintStream target, Sink sink) {
    WorkerOutput output = new WorkerOutput(target, sink);
    return new PrintStream(new BufferedOutputStream(output, BUFFER_BYTES), true, target.charset());
  }

  /** Writes what is held back: the worker leaves. */
  @SuppressWarnings("SystemOut")
  static void finish() {
    System.out.flush();
    System.err.flush();
    NAMED.forEach(Named::finish);
  }

  @Override
  public void write(int one) {
    write(new byte[] {(byte) one}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) {
    sink.write(bytes, offset, length);
  }

  @Override
  public void flush() {
    target.flush();
  }

  /** Puts the name of this process before each line, and writes whole lines only. */
  private static final class Named implements Sink {
    private final PrintStream target;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    Named(PrintStream target) {
      this.target = target;
      NAMED.add(this);
    }

    void finish() {
      if (line.size() > 0) {
        emit();
        target.flush();
      }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      for (int i = offset; i < offset + length; i++) {
        line.write(bytes[i]);
        if (bytes[i] == '\n' || line.size() >= LONGEST_LINE) {
          emit();
        }
      }
    }

    private void emit() {
      byte[] name = ("[" + Session.get().name() + "] ").getBytes(target.charset());
      byte[] text = line.toByteArray();
      line.reset();
      byte[] whole = Arrays.copyOf(name, name.length + text.length);
      System.arraycopy(text, 0, whole, name.length, text.length);
      target.write(whole, 0, whole.length);
    }
  }
}
