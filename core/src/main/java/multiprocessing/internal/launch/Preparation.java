package multiprocessing.internal.launch;

import java.util.Objects;
import java.util.TimeZone;
import java.util.function.Supplier;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.session.Log;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.session.Session.Birth;
import multiprocessing.internal.session.Session.Parent;
import multiprocessing.internal.wire.Reader;
import multiprocessing.internal.wire.Writer;

/**
 * What a child is told before its task, and the task itself.
 *
 * <p>It travels in a memory file, complete before the child is started, or in an {@link Assignment}
 * to a child that waits for it: so its size has no bound, no start waits until the child reads, and
 * a child that never comes up leaves nobody hanging.
 */
record Preparation(
    Birth birth,
    Parent parent,
    byte[] authKey,
    String startMethod,
    boolean checksAot,
    String locales,
    String timeZone,
    byte[] encodedTask)
    implements Supplier<Runnable> {

  static byte[] write(LaunchRequest request, byte[] task, boolean checksAot) {
    Session session = Session.get();
    Log.Sink sink = Log.sink();
    return new Writer()
        .text(request.birth.name())
        .text(request.birth.identity())
        .flag(request.birth.daemon())
        .number(session.pid())
        .text(session.name())
        .bytes(request.authKey)
        .text(request.startMethod)
        .number(sink.level())
        .flag(sink.toStderr())
        .flag(checksAot)
        .text(Locales.describe())
        .text(JvmCommand.timeZone(TimeZone.getDefault()))
        .bytes(task)
        .toBytes();
  }

  /** Reads what {@link #write} wrote; the log goes on as the parent's at once. */
  static Preparation read(byte[] bytes) {
    Reader reader = new Reader(bytes);
    String name = reader.text();
    String identity = reader.text();
    boolean daemon = reader.flag();
    Parent parent = new Parent(reader.number(), reader.text());
    byte[] authKey = reader.bytes();
    String startMethod = reader.text();
    Log.inherit((int) reader.number(), reader.flag());
    Birth birth = new Birth(name, identity, daemon, parent);
    boolean checksAot = reader.flag();
    String locales = reader.text();
    String timeZone = reader.text();
    return new Preparation(
        birth, parent, authKey, startMethod, checksAot, locales, timeZone, reader.bytes());
  }

  /** The task. */
  @Override
  public Runnable get() {
    return (Runnable) Objects.requireNonNull(Codec.shared().decode(encodedTask));
  }
}
