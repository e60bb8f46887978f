package multiprocessing.internal.launch;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TimeZone;
import java.util.function.Supplier;
import multiprocessing.internal.jvm.JvmCommand;
import multiprocessing.internal.os.ProcessControl;
import multiprocessing.internal.relay.LogRelay;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.session.Log;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.session.Session.Birth;
import multiprocessing.internal.session.Session.Parent;
import multiprocessing.internal.wire.FrameSocket;
import multiprocessing.internal.wire.Luggage;
import multiprocessing.internal.wire.Reader;
import multiprocessing.internal.wire.Writer;

/**
 * What a child is told before its task, and the task itself.
 *
 * <p>It travels in a memory file, complete before the child is started, or in an {@link Assignment}
 * to a child that waits for it: so its size has no bound, no start waits until the child reads, and
 * a child that never comes up leaves nobody hanging.
 *
 * @param checksAot whether the child is to say if its AOT cache is not in use
 * @param isOrdinary whether its virtual machine has no options of the user's, such as agents
 */
record Preparation(
    Birth birth,
    Parent parent,
    byte[] authKey,
    String startMethod,
    boolean checksAot,
    boolean isOrdinary,
    boolean isServed,
    String locales,
    String timeZone,
    byte[] encodedTask,
    int luggageCount,
    List<Integer> luggage)
    implements Supplier<Runnable> {

  /**
   * The child's part of a request.
   *
   * @param checksAot whether it is to look if its virtual machine uses the AOT cache
   * @param isServed whether it begins with a line to this process's classes
   */
  static byte[] write(LaunchRequest request, byte[] task, boolean checksAot, boolean isServed) {
    Session session = Session.get();
    Log.Sink sink = Log.sink();
    return new Writer()
        .text(request.birth.name())
        .text(request.birth.identity())
        .flag(request.birth.daemon())
        .number(
            ProcessControl.pid()) // also if a guest is the parent, whom the kernel does not know
        .text(session.name())
        .bytes(request.authKey)
        .text(request.startMethod)
        .number(sink.level())
        .flag(sink.toStderr())
        .text(Log.relay())
        .flag(checksAot)
        .flag(request.isOrdinary())
        .flag(isServed)
        .text(Locales.describe())
        .text(JvmCommand.timeZone(TimeZone.getDefault()))
        .bytes(task)
        .number(task.length == 0 ? 0 : request.luggageCount())
        .toBytes();
  }

  /** Reads what {@link #write} wrote; the log goes on as the parent's at once. */
  static Preparation read(byte[] bytes) {
    Reader reader = new Reader(bytes);
    String name = reader.text();
    String identity = reader.text();
    boolean daemon = reader.flag();
    Parent parent = new Parent(reader.number(), reader.text(), null);
    byte[] authKey = reader.bytes();
    String startMethod = reader.text();
    inheritLog((int) reader.number(), reader.flag(), reader.text());
    Birth birth = new Birth(name, identity, daemon, parent);
    boolean checksAot = reader.flag();
    boolean isOrdinary = reader.flag();
    boolean isServed = reader.flag();
    String locales = reader.text();
    String timeZone = reader.text();
    return new Preparation(
        birth,
        parent,
        authKey,
        startMethod,
        checksAot,
        isOrdinary,
        isServed,
        locales,
        timeZone,
        reader.bytes(),
        (int) reader.number(),
        new ArrayList<>());
  }

  /** Takes the descriptors that travel with the task, which the parent has sent or is gone. */
  void receiveLuggage(FrameSocket control) {
    while (luggage.size() < luggageCount) {
      FrameSocket.Frame frame = control.receive();
      if (frame == null) {
        return;
      }
      for (int descriptor : frame.descriptors()) {
        luggage.add(descriptor);
      }
    }
  }

  private static void inheritLog(int level, boolean toStderr, String relay) {
    Log.setRelay(relay);
    if (relay.isEmpty()) {
      Log.inherit(level, toStderr);
    } else {
      Log.setSink(new LogRelay(level, toStderr, relay));
    }
  }

  /** The task. */
  @Override
  public Runnable get() {
    try (Luggage _ = Luggage.unpack(luggage)) {
      return (Runnable) Objects.requireNonNull(Codec.shared().decode(encodedTask));
    }
  }
}
