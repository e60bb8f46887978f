package multiprocessing.manager;

import java.util.List;
import multiprocessing.error.SerializationException;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.wire.Reader;
import multiprocessing.internal.wire.Writer;
import multiprocessing.stress.Target;

/** What clients send to the server of a manager. */
public final class ManagerTargets {
  private ManagerTargets() {}

  /** A decoder each. */
  public static List<Target> all() {
    Codec codec = Codec.shared();
    return List.of(
        new Target(
            "arguments of calls",
            List.of(
                Protocol.arguments(new Writer(), codec, 1, "two", List.of(3.0)).toBytes(),
                Protocol.arguments(new Writer(), codec).toBytes()),
            List.of(
                SerializationException.class,
                IllegalStateException.class,
                IllegalArgumentException.class,
                ArithmeticException.class),
            message -> Protocol.arguments(new Reader(message), codec)));
  }
}
