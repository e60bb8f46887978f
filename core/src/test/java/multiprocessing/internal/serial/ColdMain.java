package multiprocessing.internal.serial;

import java.util.List;
import java.util.Objects;
import multiprocessing.error.SerializationException;
import multiprocessing.internal.serial.Samples.Bare;
import multiprocessing.internal.serial.Samples.Box;
import multiprocessing.internal.serial.Samples.Point;
import multiprocessing.internal.serial.Samples.Source;

/** What a child process does with its first few objects; run by {@link ColdTest}. */
final class ColdMain {
  private ColdMain() {}

  public static void main(String[] arguments) {
    Codec codec = Codec.shared();
    if (arguments[0].equals("everyday")) {
      String captured = "captured";
      Source<String> task = () -> captured;
      check(codec, codec.encodeForStart(task));
      check(codec, codec.encode(new Point(1, "p", 2)));
      check(codec, codec.encode(List.of("a", 1)));
      check(codec, codec.encode(new Object[] {1, 2.5, new int[3]}));
      check(codec, codec.encode("text"));
      check(codec, codec.encodeFailure(new IllegalStateException("x")));
    } else if (arguments[0].equals("filtered")) {
      refuse(codec, new Bare(1, List.of()), Tag.FORY);
      refuse(codec, new Samples.Circle(1), Tag.JAVA);
    } else {
      check(codec, codec.encode(new Bare(1, List.of("a"))));
      check(codec, codec.encode(new Box<>(new Point(1, "p", 2))));
    }
    System.out.println("done");
  }

  /** Expects the filter of the virtual machine to stop a message on one of its two ends. */
  private static void refuse(Codec codec, Object value, byte tag) {
    try {
      byte[] message = codec.encodeForStart(value).toBytes();
      if (message[0] != tag) {
        System.out.println("another tag: " + message[0]);
      }
      System.out.println("not filtered: " + codec.decode(message));
    } catch (SerializationException e) {
      // as it should be
    }
  }

  private static void check(Codec codec, Payload payload) {
    Objects.requireNonNull(codec.decode(payload.toBytes()));
  }
}
