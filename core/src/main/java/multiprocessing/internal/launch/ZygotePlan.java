package multiprocessing.internal.launch;

import java.util.ArrayList;
import java.util.List;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.session.Log;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.wire.Reader;
import multiprocessing.internal.wire.Writer;
import org.jspecify.annotations.Nullable;

/**
 * What a zygote does before its first fork.
 *
 * @param preload names of classes to load and initialize
 * @param warmUp an encoded {@link Runnable} to run then; empty if there is none
 */
record ZygotePlan(List<String> preload, byte[] warmUp) {
  static final ZygotePlan EMPTY = new ZygotePlan(List.of(), new byte[0]);

  /**
   * A plan of classes and a task.
   *
   * @throws multiprocessing.error.SerializationException if the task cannot travel
   */
  static ZygotePlan of(List<String> preload, @Nullable Runnable warmUp) {
    byte[] encoded = warmUp == null ? new byte[0] : Codec.shared().encodeForStart(warmUp).toBytes();
    return new ZygotePlan(List.copyOf(preload), encoded);
  }

  /**
   * The plan on its way to a zygote, which is told about this process too.
   *
   * @param isServed whether it has a line to this process's classes
   */
  byte[] write(boolean isServed) {
    Session session = Session.home();
    Log.Sink sink = Log.sink();
    Writer writer =
        new Writer()
            .number(session.pid())
            .text(session.name())
            .number(sink.level())
            .flag(sink.toStderr())
            .flag(isServed)
            .text(Locales.describe())
            .number(preload.size());
    preload.forEach(writer::text);
    return writer.bytes(warmUp).toBytes();
  }

  /**
   * The plan as it arrives.
   *
   * @param isServed whether there is a line to the parent's classes
   * @param locales what {@link Locales#apply} takes
   * @param warmUp encoded; empty if there is none
   */
  record Received(
      Session.Parent parent,
      boolean isServed,
      String locales,
      List<String> preload,
      byte[] warmUp) {

    /** Whether code of the program's runs in the zygote, which may use anything. */
    boolean runsCode() {
      return !preload.isEmpty() || warmUp.length > 0;
    }

    /** Reads what {@link #write} wrote; the log goes on as the parent's at once. */
    static Received read(byte[] bytes) {
      Reader reader = new Reader(bytes);
      Session.Parent parent = new Session.Parent(reader.number(), reader.text(), null);
      Log.inherit((int) reader.number(), reader.flag());
      boolean isServed = reader.flag();
      String locales = reader.text();
      List<String> preload = new ArrayList<>();
      for (long left = reader.number(); left > 0; left--) {
        preload.add(reader.text());
      }
      return new Received(parent, isServed, locales, preload, reader.bytes());
    }
  }
}
