package multiprocessing.bench.work;

import multiprocessing.memory.SharedArray;

/** Adds up a shared array of 64 MiB. */
final class ArraySum implements Work {
  private static final int LENGTH = 8 << 20;

  private final SharedArray.OfLong array = SharedArray.ofLongs(LENGTH);

  ArraySum() {
    for (int i = 0; i < LENGTH; i++) {
      array.set(i, i);
    }
  }

  @Override
  public long run(long count) {
    long total = 0;
    long start = System.nanoTime();
    for (long i = 0; i < count; i++) {
      total += sum();
    }
    long spent = System.nanoTime() - start;
    Work.check(total, count * ((long) LENGTH * (LENGTH - 1) / 2));
    return spent;
  }

  private long sum() {
    long sum = 0;
    for (int i = 0; i < LENGTH; i++) {
      sum += array.get(i);
    }
    return sum;
  }
}
