package multiprocessing.pool;

/**
 * How many items to hand out at a time: some milliseconds of work, so that handing out costs
 * little, as far as can be told by those that have ended.
 */
final class Chunks {
  private static final long CHUNK_NANOS = 5_000_000;
  private static final long CHUNK_BYTES = 64 * 1024;
  private static final int GROWTH = 8;

  private final int fixed;
  private long nanos;
  private long bytes;
  private long items;
  private int last = 1;

  /** Chunks of a fixed size, or of any if that is 0. */
  Chunks(int fixed) {
    this.fixed = fixed;
  }

  void measured(long tookNanos, int count, long tookBytes) {
    nanos += tookNanos;
    items += count;
    bytes += tookBytes;
  }

  boolean isFixed() {
    return fixed > 0;
  }

  /** How many items the next chunk is to have, at most {@code most}; at least one. */
  int next(long most) {
    if (fixed > 0) {
      return fixed;
    }
    if (items == 0) {
      return 1;
    }
    long byTime = CHUNK_NANOS / Math.max(1, nanos / items);
    long byBytes = CHUNK_BYTES * 4 / Math.max(1, bytes / items);
    long wanted = Math.min(Math.min(byTime, byBytes), (long) last * GROWTH);
    last = (int) Math.max(1, Math.min(wanted, most));
    return last;
  }

  /** The size of the last one. */
  int last() {
    return fixed > 0 ? fixed : last;
  }
}
