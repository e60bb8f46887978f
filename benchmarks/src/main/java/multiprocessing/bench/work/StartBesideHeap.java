package multiprocessing.bench.work;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import multiprocessing.process.StartMethod;

/** The same as {@link Start}, by a process that has so much in its heap. */
final class StartBesideHeap implements Work {
  private static final int BLOCK_BYTES = 64 * 1024;

  private final Start start;
  private final List<byte[]> heap = new ArrayList<>();

  StartBesideHeap(StartMethod method, int megabytes, long pauseMillis) throws Exception {
    start = new Start(method, pauseMillis);
    for (long left = megabytes * 1_000_000L; left > 0; left -= BLOCK_BYTES) {
      byte[] block = new byte[BLOCK_BYTES];
      ThreadLocalRandom.current().nextBytes(block);
      heap.add(block);
    }
  }

  @Override
  public long run(long count) throws Exception {
    long nanos = start.run(count);
    Work.check(heap.getLast().length, BLOCK_BYTES); // it is there still
    return nanos;
  }
}
