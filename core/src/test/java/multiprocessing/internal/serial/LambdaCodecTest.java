package multiprocessing.internal.serial;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import multiprocessing.error.SerializationException;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.process.SerializableSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The short forms of lambdas, which is what most children are told to run. */
final class LambdaCodecTest {
  private static int runs;

  private static byte[] encoded(Object value) {
    return Codec.shared().encodeForStart(value).toBytes();
  }

  private static <T extends @Nullable Object> T received(SerializableSupplier<T> lambda, byte tag) {
    byte[] bytes = encoded(lambda);
    assertEquals(tag, bytes[0]);
    Object decoded = Objects.requireNonNull(Codec.shared().decode(bytes));
    @SuppressWarnings("unchecked")
    Supplier<T> again = (Supplier<T>) assertInstanceOf(SerializableSupplier.class, decoded);
    return again.get();
  }

  @Test
  void whatItHasCapturedArrives() {
    String text = "caf\u00e9 \u4e2d";
    int number = -7;
    Long box = 1L << 40;
    int[] array = {1, 2, 3};
    String nothing = null;
    assertEquals("free", received(() -> "free", Tag.LAMBDA));
    assertEquals(text + number + box, received(() -> text + number + box, Tag.LAMBDA));
    assertArrayEquals(array, received(() -> array, Tag.LAMBDA));
    assertNull(received(() -> nothing, Tag.LAMBDA));
  }

  @Test
  void soDoWholeCollectionsThatHaveAShortForm() {
    List<Object> list = new ArrayList<>(List.of("a", 1, List.of(2L)));
    Map<String, Integer> map = new HashMap<>(Map.of("one", 1));
    assertEquals("" + list + map, received(() -> "" + list + map, Tag.LAMBDA));
  }

  private static SerializableSupplier<String> adding(String text) {
    return () -> text + "!";
  }

  @Test
  void thoseOfOneClassAreNotMistakenForEachOther() {
    for (int i = 0; i < 300; i++) {
      assertEquals(i + "!", received(adding("" + i), Tag.LAMBDA));
      int number = i;
      assertEquals(i + 1, received(() -> number + 1, Tag.LAMBDA));
      assertEquals("other", received(() -> "other", Tag.LAMBDA));
    }
  }

  private static Object revived(byte[] message) {
    return ((Supplier<?>) Objects.requireNonNull(Codec.shared().decode(message))).get();
  }

  /** The names are of no known lambda, but claim the place and the hash of one. */
  @Test
  void aHashThatLiesLeadsToNoOtherLambda() {
    byte[] good = encoded(adding("x"));
    assertEquals("x!", revived(good));
    byte[] bad = good.clone();
    int last = new String(good, ISO_8859_1).indexOf("adding");
    assertTrue(last > 0);
    bad[last] = 'A';
    assertThrows(SerializationException.class, () -> Codec.shared().decode(bad));
    assertEquals("x!", revived(good));
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThrows(SerializationException.class, () -> Codec.shared().decode(cut));
    }
  }

  record Point(int x, int y) implements Serializable {}

  @Test
  void otherCapturesTravelAsBefore() {
    Point point = new Point(3, 4);
    assertEquals(point, received(() -> point, Tag.JAVA));
  }

  private static void count() {
    runs++;
  }

  @Test
  void aTaskRunsItsCode() {
    SerializableRunnable task = () -> count();
    byte[] bytes = Codec.shared().encodeTask(task).toBytes();
    assertEquals(Tag.TASK, bytes[0]);
    int before = runs;
    ((Runnable) Objects.requireNonNull(Codec.shared().decode(bytes))).run();
    assertEquals(before + 1, runs);
  }

  @Test
  void aTaskThrowsWhatItsCodeThrows() {
    SerializableRunnable task =
        () -> {
          throw new Exception("as it is");
        };
    byte[] bytes = Codec.shared().encodeTask(task).toBytes();
    Runnable again = (Runnable) Objects.requireNonNull(Codec.shared().decode(bytes));
    assertEquals("as it is", assertThrows(Exception.class, again::run).getMessage());
  }

  private static Runnable travelled(SerializableRunnable task, byte tag) {
    byte[] bytes = Codec.shared().encodeTask(task).toBytes();
    assertEquals(tag, bytes[0]);
    return (Runnable) Objects.requireNonNull(Codec.shared().decode(bytes));
  }

  @Test
  void whatATaskHasCapturedArrives() {
    String text = "captured";
    long number = 1L << 40;
    boolean truth = true;
    String nothing = null;
    Point point = new Point(3, 4);
    Point[] twice = {point};
    travelled(() -> assertEquals("captured" + (1L << 40) + true, text + number + truth), Tag.TASK)
        .run();
    travelled(() -> assertNull(nothing), Tag.TASK).run();
    travelled(() -> assertEquals(new Point(3, 4), point), Tag.TASK).run();
    travelled(() -> assertSame(point, twice[0]), Tag.TASK).run(); // what is one stays one
  }

  /** Has a task that belongs to it. */
  private static final class Account implements Serializable {
    private final int balance = 12;

    SerializableRunnable task(int expected) {
      return () -> assertEquals(expected, balance);
    }

    SerializableRunnable reference() {
      return this::check;
    }

    private void check() {
      assertEquals(12, balance);
    }
  }

  @Test
  void theObjectThatATaskBelongsToArrives() {
    travelled(new Account().task(12), Tag.TASK).run();
    travelled(new Account().reference(), Tag.TASK).run();
    Runnable wrong = travelled(new Account().task(13), Tag.TASK);
    assertThrows(AssertionError.class, wrong::run);
  }

  @Test
  void aTaskWhoseCaptureCannotTravelIsRefusedWithItsName() {
    Thread thread = Thread.currentThread();
    SerializableRunnable task = () -> thread.interrupt();
    SerializationException refused =
        assertThrows(SerializationException.class, () -> Codec.shared().encodeTask(task));
    assertTrue(refused.toString().contains("task.(capture of type java.lang.Thread)"));
  }

  @Test
  void aTaskFromOutsideIsRefused() {
    byte[] bytes = Codec.shared().encodeTask((SerializableRunnable) () -> count()).toBytes();
    assertThrows(SerializationException.class, () -> Codec.outside(null).decode(bytes));
    byte[] lambda = encoded((SerializableSupplier<String>) () -> "text");
    assertThrows(SerializationException.class, () -> Codec.outside(null).decode(lambda));
  }

  @Test
  void damagedTasksAreRefused() {
    int number = 5;
    SerializableRunnable task = () -> assertEquals(5, number);
    byte[] bytes = Codec.shared().encodeTask(task).toBytes();
    for (int length = 1; length < bytes.length; length++) {
      byte[] part = Arrays.copyOf(bytes, length);
      assertThrows(SerializationException.class, () -> Codec.shared().decode(part));
    }
    byte[] other = bytes.clone();
    other[other.length - 5] = Tag.FLOAT; // instead of the number
    assertThrows(SerializationException.class, () -> Codec.shared().decode(other));
  }

  @Test
  void damagedOnesAreRefused() {
    int number = 5;
    SerializableSupplier<String> lambda = () -> "text" + number;
    byte[] bytes = encoded(lambda);
    for (int length = 1; length < bytes.length; length++) {
      byte[] part = Arrays.copyOf(bytes, length);
      assertThrows(SerializationException.class, () -> Codec.shared().decode(part));
    }
    byte[] other = bytes.clone();
    other[5] ^= 1; // in the name of the class
    assertThrows(SerializationException.class, () -> Codec.shared().decode(other));
  }
}
