package multiprocessing.internal.serial;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import multiprocessing.internal.serial.Samples.Box;
import multiprocessing.internal.serial.Samples.Point;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One codec serves any number of threads, of either kind. */
@Timeout(60)
final class ConcurrencyTest {
  private static void work(Codec codec, int times) {
    var random = ThreadLocalRandom.current();
    for (int i = 0; i < times; i++) {
      Object value =
          switch (random.nextInt(4)) {
            case 0 -> new Point(i, "p" + i, i);
            case 1 -> new Box<>(List.of(i, new Point(i, "", 0)));
            case 2 -> "text " + i;
            default -> Map.of("k" + i, List.of(i));
          };
      assertEquals(value, codec.decode(codec.encode(value).toBytes()));
    }
  }

  private static void runAll(ExecutorService threads, int count, Runnable task) throws Exception {
    try (threads) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        all.add(threads.submit(task));
      }
      for (Future<?> each : all) {
        each.get();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void platformThreads(Mode mode) throws Exception {
    Codec codec = mode.codec();
    runAll(Executors.newFixedThreadPool(8), 8, () -> work(codec, 2_000));
  }

  @ParameterizedTest
  @EnumSource
  void virtualThreads(Mode mode) throws Exception {
    Codec codec = mode.codec();
    runAll(Executors.newVirtualThreadPerTaskExecutor(), 2_000, () -> work(codec, 5));
  }

  /** An object that encodes another while it is encoded itself. */
  static class Reentrant implements java.io.Serializable {
    private static final long serialVersionUID = 1L;

    static final Codec CODEC = Mode.WARM.codec();

    int depth;

    private Object writeReplace() {
      if (depth > 0) {
        var inner = new Reentrant();
        inner.depth = depth - 1;
        return new Box<>(CODEC.decode(CODEC.encode(inner).toBytes()));
      }
      return new Box<>(null);
    }
  }

  @ParameterizedTest
  @EnumSource
  void encodingWithinAnEncoding(Mode mode) {
    var value = new Reentrant();
    value.depth = 30;
    Object got = mode.roundTrip((Object) value);
    int depth = 0;
    while (got instanceof Box<?> box) {
      depth++;
      got = box.content();
    }
    assertEquals(31, depth);
  }
}
