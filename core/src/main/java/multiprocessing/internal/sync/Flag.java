package multiprocessing.internal.sync;

import java.lang.foreign.MemorySegment;
import multiprocessing.internal.os.CrashPoint;
import multiprocessing.internal.os.Futex;
import multiprocessing.internal.os.Guest;

/** A flag that threads of any processes wait for. */
public final class Flag {
  /*
   * One word: how often it was set (30 bits) | SLEEPERS (bit 1) | SET (bit 0). A thread that waits
   * goes on when it finds SET, or a larger count than it began with: then the flag was set, and
   * cleared again before the thread came to look. Who sets it changes all three at once and wakes
   * those who sleep on the word; killed in between, it leaves a word that they find changed when
   * their slice of sleep ends. Nobody ever owns anything here.
   */
  public static final int BYTES = 4;

  private static final int SET = 1;
  private static final int SLEEPERS = 2;
  private static final int ONCE = 4;

  private final MemorySegment segment;
  private final long offset;
  private final Backoff backoff;

  public Flag(MemorySegment segment, long offset, ProcessTable table) {
    this.segment = segment;
    this.offset = offset;
    this.backoff = new Backoff(table);
  }

  public boolean isSet() {
    return (word() & SET) != 0;
  }

  public void set() {
    while (true) {
      int word = word();
      if ((word & SET) != 0) {
        return;
      }
      if (Words.INT.compareAndSet(segment, offset, word, ((word & ~SLEEPERS) + ONCE) | SET)) {
        CrashPoint.at("event.set");
        if ((word & SLEEPERS) != 0) {
          int _ = Futex.wake(segment, offset, Integer.MAX_VALUE);
        }
        return;
      }
    }
  }

  public void clear() {
    while (true) {
      int word = word();
      if ((word & SET) == 0 || Words.INT.compareAndSet(segment, offset, word, word & ~SET)) {
        return;
      }
    }
  }

  /**
   * Waits until it is set, for {@code nanos} nanoseconds at most ({@code Long.MAX_VALUE}: no end).
   *
   * @return false if the time ran out
   * @throws InterruptedException if the thread is interrupted, noticed within 50 ms
   */
  public boolean await(long nanos) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    int first = word();
    if ((first & SET) != 0) {
      return true;
    }
    Deadline deadline = Deadline.in(nanos);
    Backoff.Wait wait = backoff.begin();
    try {
      while (true) {
        int word = word();
        if ((word & SET) != 0 || (word ^ first) >>> 2 != 0) {
          return true;
        }
        long left = deadline.left();
        if (left <= 0) {
          return false;
        }
        if (wait.spin()) {
          continue;
        }
        wait.sleeps();
        int expected = word | SLEEPERS;
        if (word == expected || Words.INT.compareAndSet(segment, offset, word, expected)) {
          Parking.park(segment, offset, expected, left);
        }
        Guest.checkKilled();
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
      }
    } finally {
      wait.end();
    }
  }

  private int word() {
    return (int) Words.INT.getVolatile(segment, offset);
  }
}
