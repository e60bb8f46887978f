package multiprocessing.internal.sync;

import java.util.concurrent.locks.LockSupport;

/**
 * How long a wait spins before it sleeps. One for each shared object in each process; it learns.
 *
 * <p>A sleeping thread of another core costs some 50 microseconds to wake on a virtual machine, a
 * spinning one notices in one or two. So a wait spins first, for as long as spinning has paid
 * lately: a spin that ended well lengthens the next, one in vain halves it, and a sleep that turned
 * out to be short brings it back; wholly, unless that was in vain lately, since two that both sleep
 * only stop doing so if one spins for as long as it takes to wake the other one.
 *
 * <p>The one that is waited for may be queued for the very processor on which this one spins, as
 * the kernel likes to wake it there; so a spin that is not over at once yields, which lets it run
 * at a tenth of the price of a sleep. No more threads of the tree spin than there are processors,
 * and none for a while after one has been without its processor for long: then others have much
 * work for it, and who sleeps gets it back sooner than who yields.
 */
public final class Backoff {
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();
  private static final int LONGEST = PROCESSORS > 1 ? 150_000 : 0;
  private static final int FIRST = PROCESSORS > 1 ? 20_000 : 0;
  private static final int WAKING = PROCESSORS > 1 ? 100_000 : 0;
  private static final int TOO_SHORT = 1_000;
  private static final int AT_ONCE = 2_000;
  private static final int PREEMPTED = 200_000;
  private static final int CROWDED_WAITS = 50;
  private static final int LONGEST_REST = 1_600;
  private static final long SHORT_SLEEP = 300_000;
  private static final long NAP = 50_000;
  private static final int NAPS = 20;
  private static final int MOST_PATIENCE = 64;

  // Racy on purpose, all: a lost update only makes one wait spin a little more or less.
  private static int crowded;
  private int budget = FIRST;
  private int shortSleeps; // since the budget was raised to the most
  private int patience = 1; // how many of them it takes
  private int resting;
  private int rest = CROWDED_WAITS;

  private final ProcessTable table;

  public Backoff(ProcessTable table) {
    this.table = table;
  }

  private static boolean leaveItToOthers() {
    int left = crowded;
    if (left > 0) {
      crowded = left - 1;
    }
    return left > 0;
  }

  private boolean isResting() {
    int left = resting;
    if (left > 0) {
      resting = left - 1;
    }
    return left > 0;
  }

  /** A new wait begins. */
  public Wait begin() {
    return new Wait(0);
  }

  /**
   * A new wait begins, for one who slept and was woken just now: who does not spin for as long as
   * that takes falls asleep in turn, and both would go on waking each other. Where that was in
   * vain, as the other one gets no processor, both leave spinning for a while; the longer, the more
   * often in a row.
   */
  public Wait beginAfterWake() {
    return new Wait(WAKING);
  }

  /** One wait: first {@link #spin} as long as it says true, then sleep, last {@link #end}. */
  public final class Wait {
    private final long start = System.nanoTime();
    private final boolean afterWake;
    private final int longest;
    private long last = start;
    private int naps;
    private boolean counted;
    private boolean slept;
    private boolean preempted;

    private Wait(int least) {
      afterWake = least > 0;
      boolean rests = isResting();
      longest = leaveItToOthers() || rests ? 0 : Math.max(budget, least);
    }

    /** Spends a moment on the processor; false when it is time to sleep. */
    @SuppressWarnings("ThreadPriorityCheck") // where yielding does nothing, it ends in a sleep
    public boolean spin() {
      if (slept || longest < TOO_SHORT) {
        return false;
      }
      if (preempted) {
        return inVain();
      }
      for (int i = 0; i < 8; i++) {
        Thread.onSpinWait();
      }
      if (last - start > AT_ONCE) {
        Thread.yield();
      }
      long now = System.nanoTime();
      long spent = now - start;
      if (now - last > PREEMPTED) {
        preempted = true; // what is waited for may have come meanwhile: one more look
        crowded = CROWDED_WAITS;
      } else if (spent > longest) {
        crowded = 0;
        return inVain();
      }
      last = now;
      if (!counted && spent > TOO_SHORT) {
        if (table.spinning() >= PROCESSORS) {
          return false;
        }
        counted = true;
        table.addSpinning(1);
      }
      return true;
    }

    private boolean inVain() {
      resting = afterWake ? rest : 0;
      rest = afterWake ? Math.min(2 * rest, LONGEST_REST) : rest;
      if (longest == LONGEST) {
        patience = Math.min(2 * patience, MOST_PATIENCE);
      }
      budget = Math.min(budget, longest) / 2;
      return false;
    }

    /**
     * Sleeps a little, unannounced, so that nobody has to wake this thread; false when that was
     * done for long enough. For those who wait for room: whoever makes room has better things to do
     * than to wake them each time.
     */
    public boolean nap() {
      stopSpinning();
      if (naps == NAPS) {
        return false;
      }
      naps++;
      LockSupport.parkNanos(this, NAP);
      return true;
    }

    /** The caller is about to sleep. */
    public void sleeps() {
      stopSpinning();
      slept = true;
    }

    /** Whether the wait came to sleeping. */
    public boolean slept() {
      return slept;
    }

    /** The wait is over, well or not. */
    public void end() {
      stopSpinning();
      long spent = System.nanoTime() - start;
      if (slept) {
        if (spent < SHORT_SLEEP && crowded == 0 && resting == 0) {
          shortSleeps++;
          budget = shortSleeps < patience ? Math.min(LONGEST, budget + FIRST / 2) : LONGEST;
          shortSleeps %= patience;
        }
      } else if (spent > TOO_SHORT && naps == 0) {
        budget = Math.min(LONGEST, budget + budget / 4);
        rest = CROWDED_WAITS;
        patience = 1;
      }
    }

    private void stopSpinning() {
      if (counted) {
        counted = false;
        table.addSpinning(-1);
      }
    }
  }
}
