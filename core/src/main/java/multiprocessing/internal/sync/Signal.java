package multiprocessing.internal.sync;

import java.lang.foreign.MemorySegment;
import multiprocessing.internal.os.Futex;
import multiprocessing.internal.os.Guest;

/**
 * Where processes sleep until something has changed, and are woken by whoever changed it.
 *
 * <p>The sleeper: {@link #prepare}, look at the condition once more, {@link #sleep}, loop. The
 * waker: change, then {@link #wake}. A waker makes no system call while nobody sleeps.
 */
public final class Signal {
  /*
   * The word: sequence (31 bits) | SLEEPERS (bit 0). A sleeper sets SLEEPERS and sleeps on the word
   * as it is then; a waker that finds SLEEPERS clears it and moves the sequence on, so whoever is
   * about to sleep on the old word does not. It wakes one; that one cannot know whether others
   * still sleep, so it says passOn() when it has got what it wanted: which wakes the next if there
   * is more, or sets SLEEPERS again. There is no count that a killed sleeper could leave wrong: at
   * worst one wake-up goes to nobody, and sleepers look by themselves after each slice.
   */
  public static final int BYTES = 4;

  private static final int SLEEPERS = 1;

  private final MemorySegment segment;
  private final long offset;

  public Signal(MemorySegment segment, long offset) {
    this.segment = segment;
    this.offset = offset;
  }

  /** Announces a sleeper; gives what {@link #sleep} wants. */
  public int prepare() {
    while (true) {
      int word = word();
      int announced = word | SLEEPERS;
      if (word == announced || Words.INT.compareAndSet(segment, offset, word, announced)) {
        return announced;
      }
    }
  }

  /** Sleeps until woken, for a slice and {@code nanos} nanoseconds at most. */
  public void sleep(int prepared, long nanos) {
    Guest.checkKilled();
    Parking.park(segment, offset, prepared, nanos);
    Guest.checkKilled();
  }

  /** Wakes at most {@code count} sleepers, if there are any. */
  public void wake(int count) {
    boolean _ = wakeIfAsleep(count);
  }

  /** As {@link #wake}; says whether anybody was announced. */
  public boolean wakeIfAsleep(int count) {
    int word = word();
    while ((word & SLEEPERS) != 0) {
      if (Words.INT.compareAndSet(segment, offset, word, (word & ~SLEEPERS) + 2)) {
        Futex.wake(segment, offset, count);
        return true;
      }
      word = word();
    }
    return false;
  }

  /** One who slept has got what it wanted: the next shall have a look, now or later. */
  public void passOn(boolean more) {
    prepare();
    if (more) {
      wake(1);
    }
  }

  private int word() {
    return (int) Words.INT.getVolatile(segment, offset);
  }
}
