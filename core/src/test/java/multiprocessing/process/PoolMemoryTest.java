package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.stream.LongStream;
import multiprocessing.Multiprocessing;
import multiprocessing.pool.ProcessPool;
import multiprocessing.testing.Deadline;
import multiprocessing.testing.ProcessTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams of a pool take no more memory the longer they are. */
@ProcessTest
final class PoolMemoryTest {
  @TempDir Path folder;

  /** Sums numbers that go through a pool. */
  static final class Summer {
    private Summer() {}

    public static void main(String[] arguments) {
      long count = Long.parseLong(arguments[1]);
      try (ProcessPool pool = Multiprocessing.pool(2)) {
        long sum =
            pool.imapUnordered(x -> x + 1, LongStream.range(0, count).boxed())
                .mapToLong(x -> x)
                .sum();
        System.out.println(sum);
      }
    }
  }

  private void sum(String options, long count) throws Exception {
    Root root = new Root.Setup(folder).options(options).start(Summer.class, "" + count);
    int code = root.exitCode();
    assertEquals("", root.err());
    assertEquals(count / 2 * (count + 1) + "\n", root.out());
    assertEquals(0, code);
  }

  @Test
  void aLongStreamNeedsLittleMemory() throws Exception {
    sum("-Xmx24m", 500_000); // a list of them would not fit
  }

  @Test
  @Tag("stress")
  @Deadline(seconds = 1800)
  void anImmenseStreamNeedsLittleMemory() throws Exception {
    sum("-Xmx64m", 100_000_000);
  }
}
