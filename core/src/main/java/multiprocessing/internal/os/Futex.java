package multiprocessing.internal.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/**
 * Sleeping on a 32-bit word in memory that several processes map, and waking those who sleep there.
 *
 * <p>Semantics are those of {@code futex(2)} without {@code FUTEX_PRIVATE_FLAG}: the kernel finds
 * the waiters by the file page behind the address, so the mappings may differ between processes.
 */
public final class Futex {
  private static final int FUTEX_WAIT = 0;
  private static final int FUTEX_WAKE = 1;

  private Futex() {}

  /**
   * Sleeps while the word at {@code offset} holds {@code expected}, for at most {@code nanos}
   * nanoseconds. May return early for no reason.
   *
   * @return false if the time ran out, true in every other case (woken, or the word differs)
   */
  public static boolean await(MemorySegment segment, long offset, int expected, long nanos) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment timeout = arena.allocate(16, 8);
      timeout.set(Native.LONG, 0, nanos / 1_000_000_000L);
      timeout.set(Native.LONG, 8, nanos % 1_000_000_000L);
      long word = segment.asSlice(offset, Integer.BYTES).address();
      long result =
          SystemCall.call(SystemCall.FUTEX, word, FUTEX_WAIT, expected, timeout.address(), 0, 0);
      return switch ((int) result) {
        case 0, -Errno.EAGAIN, -Errno.EINTR -> true;
        case -Errno.ETIMEDOUT -> false;
        default -> throw new OsException("futex wait", (int) -result);
      };
    } finally {
      Reference.reachabilityFence(segment); // an address alone does not keep the mapping
    }
  }

  /**
   * Wakes at most {@code count} sleepers of the word at {@code offset}.
   *
   * @return how many were woken
   */
  public static int wake(MemorySegment segment, long offset, int count) {
    try {
      long word = segment.asSlice(offset, Integer.BYTES).address();
      long woken = SystemCall.call(SystemCall.FUTEX, word, FUTEX_WAKE, count, 0, 0, 0);
      if (woken < 0) {
        throw new OsException("futex wake", (int) -woken);
      }
      return (int) woken;
    } finally {
      Reference.reachabilityFence(segment); // an address alone does not keep the mapping
    }
  }
}
