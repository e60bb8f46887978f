package multiprocessing.internal.sync;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import multiprocessing.internal.os.Futex;
import org.jspecify.annotations.Nullable;

/**
 * Puts the calling thread to sleep on a futex word, for a slice of time at most.
 *
 * <p>Every caller loops: it looks at its condition again whenever this returns, so returning early
 * is always right. A slice is 50 ms: that bounds how long a waiter goes without noticing that the
 * owner of what it waits for is dead, that it was interrupted, or that a wake-up was lost because
 * the process that got it was killed before it could act on it.
 */
final class Parking {
  /*
   * A platform thread sleeps in the futex itself. A virtual thread would block its carrier there, so
   * it leaves its name with a stand-in instead: one daemon platform thread for each word that
   * virtual threads of this process wait on. The stand-in sleeps in the futex and, each time that
   * ends, unparks the virtual thread that waits longest. One wake-up thus reaches one waiter, as it
   * would among platform threads; a waiter that leaves without having used it (time out, interrupt)
   * is made good by the next slice.
   */
  static final long SLICE_NANOS = 50_000_000;

  private static final long LINGER_NANOS = 200_000_000;

  private static volatile Map<Long, StandIn> standIns = new HashMap<>();

  private Parking() {}

  /** This process is a fork of the one that had the stand-ins: their threads are not here. */
  static void forked() {
    standIns = new HashMap<>();
  }

  /** Sleeps while the word holds {@code expected}, for at most a slice and {@code nanos}. */
  static void park(MemorySegment segment, long offset, int expected, long nanos) {
    if (nanos <= 0) {
      return;
    }
    if (Thread.currentThread().isVirtual()) {
      parkVirtual(segment, offset, expected, nanos);
    } else {
      Futex.await(segment, offset, expected, Math.min(nanos, SLICE_NANOS));
    }
  }

  private static void parkVirtual(MemorySegment segment, long offset, int expected, long nanos) {
    Sleeper sleeper = new Sleeper(Thread.currentThread(), expected);
    StandIn standIn = register(segment, offset, sleeper);
    try {
      if (nanos == Long.MAX_VALUE) {
        LockSupport.park(sleeper);
      } else {
        LockSupport.parkNanos(sleeper, nanos);
      }
    } finally {
      standIn.remove(sleeper);
    }
  }

  private static StandIn register(MemorySegment segment, long offset, Sleeper sleeper) {
    long address = segment.address() + offset;
    Map<Long, StandIn> all = standIns;
    synchronized (all) {
      StandIn standIn = all.get(address);
      if (standIn == null) {
        standIn = new StandIn(segment, offset, address);
        all.put(address, standIn);
        standIn.add(sleeper);
        standIn.thread.start();
      } else {
        standIn.add(sleeper);
      }
      return standIn;
    }
  }

  private record Sleeper(Thread thread, int expected) {}

  private static final class StandIn implements Runnable {
    private final MemorySegment segment;
    private final long offset;
    private final long address;
    private final Thread thread;
    private final LinkedHashSet<Sleeper> sleepers = new LinkedHashSet<>();

    StandIn(MemorySegment segment, long offset, long address) {
      this.segment = segment;
      this.offset = offset;
      this.address = address;
      this.thread =
          Thread.ofPlatform()
              .daemon()
              .name("multiprocessing-stand-in-" + Long.toHexString(offset))
              .unstarted(this);
    }

    void add(Sleeper sleeper) {
      synchronized (sleepers) {
        sleepers.addLast(sleeper);
      }
      LockSupport.unpark(thread);
    }

    void remove(Sleeper sleeper) {
      synchronized (sleepers) {
        sleepers.remove(sleeper);
      }
    }

    private @Nullable Sleeper first() {
      synchronized (sleepers) {
        return sleepers.isEmpty() ? null : sleepers.getFirst();
      }
    }

    @Override
    public void run() {
      while (true) {
        Sleeper first = first();
        if (first == null) {
          LockSupport.parkNanos(this, LINGER_NANOS);
          if (first() == null && retire()) {
            return;
          }
          continue;
        }
        Futex.await(segment, offset, first.expected(), SLICE_NANOS);
        Sleeper woken;
        synchronized (sleepers) {
          woken = sleepers.isEmpty() ? null : sleepers.removeFirst();
        }
        if (woken != null) {
          LockSupport.unpark(woken.thread());
        }
      }
    }

    private boolean retire() {
      Map<Long, StandIn> all = standIns;
      synchronized (all) {
        if (first() != null) {
          return false; // one came just now
        }
        all.remove(address);
        return true;
      }
    }
  }
}
