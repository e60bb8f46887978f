package multiprocessing.internal.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Forks this process with the calling thread as the only one of the user's: the child inherits the
 * heap, and the virtual machine's own threads go on in it. How, and why that is sound, is told in
 * {@code src/main/c/jvm.c}.
 */
public final class JvmFork {
  private static final long REASON_BYTES = 1024;

  private JvmFork() {}

  /**
   * Forks; not to be called by two threads at a time, nor on a virtual thread.
   *
   * @param boundNanos how long to try to catch the other threads where the child can do without
   *     them
   * @return 0 in the new process, its pid in this one
   * @throws OsException if it was not forked, with the reason and the remedy; then all threads go
   *     on as before
   * @throws UnsupportedOperationException if there is a {@link ForkHelper#obstacle}
   */
  public static long forkCaller(long boundNanos) {
    ForkHelper.prepareToLeave();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment reason = arena.allocate(REASON_BYTES);
      long result = ForkHelper.call("mp_fork_caller", boundNanos, reason.address(), REASON_BYTES);
      if (result < 0) {
        int errno = (int) -result;
        String text = reason.getString(0);
        throw text.isEmpty()
            ? new OsException("fork", errno)
            : OsException.of(errno, "fork: " + text);
      }
      return result;
    }
  }
}
