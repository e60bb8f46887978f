package multiprocessing.pool;

import java.util.Arrays;
import java.util.List;
import multiprocessing.error.SerializationException;
import multiprocessing.internal.serial.Codec;
import multiprocessing.stress.Target;

/** What pools and workers tell each other. */
public final class PoolTargets {
  private static final Codec CODEC = Codec.shared();

  private PoolTargets() {}

  /** A decoder each. */
  public static List<Target> all() {
    Message.Builder pieces = new Message.Builder().begin(Message.OUTCOMES, 1, 2);
    for (Object value : List.of(1, "two", List.of(3), new byte[300])) {
      pieces.add(WorkerLoop.ITEM_VALUE, CODEC.encode(value));
    }
    pieces.add(WorkerLoop.ITEM_FAILURE, CODEC.encodeFailure(new IllegalStateException("why")));
    return List.of(
        new Target(
            "messages of pools",
            List.of(
                Arrays.copyOf(pieces.bytes(), pieces.length()),
                Message.of(Message.READY, 0, 0),
                Message.of(Message.FULL, 4711, 0)),
            List.of(SerializationException.class, IllegalStateException.class),
            PoolTargets::readPieces),
        new Target(
            "values of pools",
            List.of(whole(Message.VALUE, "value"), whole(Message.CALL, List.of(1, 2, 3))),
            List.of(SerializationException.class, IllegalStateException.class),
            PoolTargets::readWhole));
  }

  private static byte[] whole(byte kind, Object content) {
    byte[] bytes = CODEC.encode(content).toBytes();
    byte[] message = Arrays.copyOf(Message.of(kind, 1, 2), Message.HEAD + bytes.length);
    System.arraycopy(bytes, 0, message, Message.HEAD, bytes.length);
    return message;
  }

  private static void readPieces(byte[] message) {
    long _ = Message.first(message);
    int count = Message.count(message);
    Message.Pieces pieces = new Message.Pieces(message);
    for (int i = 0; i < count; i++) {
      boolean _ = pieces.next();
      try {
        Object _ = pieces.decode(CODEC);
      } catch (SerializationException e) {
        // so one item fails, and the next is read
      }
    }
  }

  private static void readWhole(byte[] message) {
    long _ = Message.second(message);
    Object _ = CODEC.decode(message, Message.HEAD, message.length - Message.HEAD);
  }
}
