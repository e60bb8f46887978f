package multiprocessing.call;

import java.util.Arrays;
import java.util.List;
import multiprocessing.error.SerializationException;
import multiprocessing.internal.serial.Codec;
import multiprocessing.stress.Target;

/** What the process of a call says. */
public final class CallTargets {
  private CallTargets() {}

  /** A decoder each. */
  public static List<Target> all() {
    Codec codec = Codec.shared();
    return List.of(
        new Target(
            "answers of calls",
            List.of(
                new byte[] {Answer.BEGUN},
                answer(Answer.DUMP, new byte[] {'a', 'b'}),
                answer(Answer.VALUE, codec.encode(List.of("one", 2)).toBytes()),
                answer(Answer.FAILURE, codec.encodeFailure(new IllegalStateException()).toBytes())),
            List.of(SerializationException.class, IllegalStateException.class),
            Answer.DECODER::decode));
  }

  private static byte[] answer(byte kind, byte[] content) {
    byte[] bytes = Arrays.copyOf(new byte[] {kind}, 1 + content.length);
    System.arraycopy(content, 0, bytes, 1, content.length);
    return bytes;
  }
}
