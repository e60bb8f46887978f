package multiprocessing.internal.relay;

import java.io.InvalidObjectException;
import multiprocessing.error.ShutdownException;
import multiprocessing.internal.session.Log;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.shm.RecordQueue;
import multiprocessing.internal.shm.SharedBlock;
import multiprocessing.internal.wire.Reader;
import multiprocessing.internal.wire.Writer;
import org.jspecify.annotations.Nullable;

/**
 * Takes what children have to say to the log of an ancestor that asked for it, by a queue in the
 * tree's memory. Its place travels as a text, with the other things that a child inherits.
 */
public final class LogRelay implements Log.Sink {
  private final int level;
  private final boolean toStderr;
  private final String place;
  private @Nullable RecordQueue queue;

  /**
   * What a child said.
   *
   * @param level a number of {@link Log}, or of another level of the JDK's
   * @param process its name
   * @param pid its process id
   * @param millis when it said it, by the clock
   * @param thread the name of the thread
   * @param message what it said
   */
  public record Said(
      int level, String process, long pid, long millis, String thread, String message) {}

  /** A relay to the queue at a place that {@link #placeOf} gave. */
  public LogRelay(int level, boolean toStderr, String place) {
    this.level = level;
    this.toStderr = toStderr;
    this.place = place;
  }

  /** The place of a queue, as a text. */
  public static String placeOf(RecordQueue queue) {
    SharedBlock.Handle handle = queue.block().export();
    return handle.tree() + " " + handle.offset() + " " + handle.stamp();
  }

  @Override
  public int level() {
    return level;
  }

  @Override
  public boolean toStderr() {
    return toStderr;
  }

  @Override
  public void write(int itsLevel, String message) {
    try {
      byte[] said =
          new Writer()
              .number(itsLevel)
              .text(Session.get().name())
              .number(Session.get().pid())
              .number(System.currentTimeMillis())
              .text(Thread.currentThread().getName())
              .text(message)
              .toBytes();
      boolean _ = queue().offer(said, said.length, null);
    } catch (InvalidObjectException | ShutdownException e) {
      String name = Log.nameOf(itsLevel);
      Log.toStderr(Log.format(name == null ? "" + itsLevel : name, message)); // nobody listens
    }
  }

  private synchronized RecordQueue queue() throws InvalidObjectException {
    RecordQueue known = queue;
    if (known == null) {
      String[] parts = place.split(" ", -1);
      SharedBlock.Handle handle =
          new SharedBlock.Handle(
              Long.parseLong(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]));
      known = RecordQueue.at(handle.attach());
      queue = known;
    }
    return known;
  }

  /** Reads what {@link #write} wrote. */
  public static Said read(byte[] bytes) {
    Reader reader = new Reader(bytes);
    return new Said(
        (int) reader.number(),
        reader.text(),
        reader.number(),
        reader.number(),
        reader.text(),
        reader.text());
  }
}
