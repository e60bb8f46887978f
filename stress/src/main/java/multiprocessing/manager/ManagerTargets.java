package multiprocessing.manager;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import multiprocessing.error.SerializationException;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.wire.Reader;
import multiprocessing.internal.wire.Writer;
import multiprocessing.stress.Target;

/** What clients send to the server of a manager, and what it answers. */
public final class ManagerTargets {
  private static final Codec CODEC = Codec.shared();
  private static final List<Class<? extends Exception>> REFUSALS =
      List.of(
          SerializationException.class,
          IllegalStateException.class,
          IllegalArgumentException.class,
          ArithmeticException.class);

  private ManagerTargets() {}

  /** A decoder each. */
  public static List<Target> all() {
    return List.of(
        new Target(
            "arguments of calls",
            List.of(
                Protocol.arguments(new Writer(), CODEC, 1, "two", List.of(3.0)).toBytes(),
                Protocol.arguments(new Writer(), CODEC).toBytes()),
            REFUSALS,
            message -> Protocol.arguments(new Reader(message), CODEC)),
        new Target(
            "answers of managers",
            List.of(
                Protocol.value(CODEC, List.of("one", 2)),
                Protocol.value(CODEC, 4711L),
                Protocol.value(CODEC, new byte[100])),
            REFUSALS,
            message -> {
              try {
                Object _ = Protocol.read(message, CODEC);
              } catch (Exception e) {
                throw e;
              } catch (Throwable t) {
                throw new AssertionError("no sample fails in the server", t);
              }
            }),
        mailboxes(),
        ManagerAttack.requests(),
        ManagerAttack.greetings());
  }

  /** Boxes in shared memory: what lies in one, and what a reader makes of it. */
  private static Target mailboxes() {
    MemorySegment segment = Arena.ofAuto().allocate(Mailbox.BYTES, 64);
    Mailbox box = new Mailbox(segment, 0);
    Mailbox.Reader _ = box.put(new byte[] {1, 2, 3});
    byte[] small = segment.asSlice(0, 100).toArray(ValueLayout.JAVA_BYTE);
    byte[] _ = box.take();
    Mailbox.Reader _ = box.put(new byte[(int) Mailbox.BYTES]);
    byte[] elsewhere = segment.asSlice(0, 100).toArray(ValueLayout.JAVA_BYTE);
    return new Target(
        "mailboxes of managers",
        List.of(small, elsewhere),
        List.of(IllegalStateException.class),
        message -> {
          long length = Math.min(message.length, Mailbox.BYTES);
          MemorySegment.copy(message, 0, segment, ValueLayout.JAVA_BYTE, 0, (int) length);
          if (box.isFull() && !box.isElsewhere()) {
            byte[] _ = box.take();
          }
        });
  }
}
