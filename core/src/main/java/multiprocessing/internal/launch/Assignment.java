package multiprocessing.internal.launch;

import static multiprocessing.internal.launch.LaunchRequest.NO_LINE;

import java.util.ArrayList;
import java.util.List;
import multiprocessing.internal.classes.ServedClasses;
import multiprocessing.internal.os.Descriptors;
import multiprocessing.internal.os.Spawner.Output;
import multiprocessing.internal.wire.FrameSocket;
import multiprocessing.internal.wire.Reader;
import multiprocessing.internal.wire.Writer;
import org.jspecify.annotations.Nullable;

/**
 * What turns a process that waits for its task into a certain child: the {@link Preparation}, and
 * the files of its output, which the parent opens.
 */
record Assignment(byte[] preparation, boolean newStdout, boolean newStderr) {
  /** More than this goes as a file: a send would wait until the child reads. */
  private static final int MOST_INLINE = 32 * 1024;

  private static final int STDOUT = 1;
  private static final int STDERR = 2;
  private static final int FILE = 4;

  /** A line to the parent's classes goes along. */
  private static final int LINE = 8;

  /** There is such a line already, since the child is a copy of its parent. */
  private static final int OWN_LINE = 16;

  /** An assignment that is ready to go, with the descriptors that go along. */
  static final class Draft implements AutoCloseable {
    private final byte[] message;
    private final List<Integer> kept = new ArrayList<>();
    private final List<Integer> descriptors = new ArrayList<>();

    /**
     * Prepares all that can fail.
     *
     * @param taskTravels whether the child has to be sent its task
     * @throws multiprocessing.internal.os.OsException if a file of its output cannot be opened
     */
    Draft(LaunchRequest request, boolean taskTravels) {
      try {
        byte[] task = taskTravels ? request.encodedTask() : new byte[0];
        byte[] preparation = Preparation.write(request, task, false, false);
        int flags = open(request.stdout, STDOUT) | open(request.stderr, STDERR);
        if (preparation.length > MOST_INLINE) {
          flags |= FILE;
          descriptors.add(Descriptors.memoryFile("multiprocessing-preparation", preparation));
          preparation = new byte[0];
        }
        int line = taskTravels || ServedClasses.isConnected() ? request.lineToClasses() : NO_LINE;
        if (line != NO_LINE) {
          flags |= taskTravels ? LINE : OWN_LINE;
          (taskTravels ? descriptors : kept).add(line);
        }
        message = new Writer().number(flags).bytes(preparation).number(line).toBytes();
      } catch (Throwable t) {
        close();
        throw t;
      }
    }

    private int open(Output output, int flag) {
      if (output.path() == null) {
        return 0;
      }
      descriptors.add(Descriptors.openForWriting(output.path(), output.append()));
      return flag;
    }

    /** Sends it; false if the process is gone. */
    boolean send(FrameSocket control) {
      return control.send(message, descriptors);
    }

    @Override
    public void close() {
      descriptors.forEach(Descriptors::close);
      descriptors.clear();
      kept.forEach(Descriptors::close);
      kept.clear();
    }
  }

  /** Waits to be assigned, and takes the output over; null if the parent is gone. */
  static @Nullable Assignment await(FrameSocket control) {
    FrameSocket.Frame frame = control.receive();
    if (frame == null) {
      return null;
    }
    Reader reader = new Reader(frame.bytes());
    long flags = reader.number();
    byte[] preparation = reader.bytes();
    int next = 0;
    if ((flags & STDOUT) != 0) {
      Descriptors.move(frame.descriptors()[next++], Descriptors.STDOUT);
    }
    if ((flags & STDERR) != 0) {
      Descriptors.move(frame.descriptors()[next++], Descriptors.STDERR);
    }
    if ((flags & FILE) != 0) {
      preparation = ChildMain.content(frame.descriptors()[next]);
      Descriptors.close(frame.descriptors()[next++]);
    }
    if ((flags & LINE) != 0) {
      ServedClasses.connect(frame.descriptors()[next]);
    }
    if ((flags & OWN_LINE) != 0) {
      ServedClasses.connect((int) reader.number());
    }
    return new Assignment(preparation, (flags & STDOUT) != 0, (flags & STDERR) != 0);
  }
}
