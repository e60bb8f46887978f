package multiprocessing.internal.sync;

/**
 * Says when those who try without waiting shall ask the kernel whether a holder lives: at most once
 * a slice, since asking costs a hundred times what trying does.
 */
final class Glance {
  private long last = System.nanoTime();

  /** Whether it is time; racy, which costs one question too many at worst. */
  boolean isDue() {
    long now = System.nanoTime();
    if (now - last < Parking.SLICE_NANOS) {
      return false;
    }
    last = now;
    return true;
  }
}
