package multiprocessing.internal.os;

import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Forks this process, virtual machine and all, by way of the C library in {@code src/main/c}.
 *
 * <p>That library is loaded when it is first asked for, once. The system property {@code
 * multiprocessing.fork=off} keeps it from being loaded.
 */
public final class ForkHelper {
  private static final String PROPERTY = "multiprocessing.fork";

  private static final class Holder {
    static final MethodHandle DLSYM = SystemCall.bind("dlsym");
    static final ConcurrentMap<String, MethodHandle> FUNCTIONS = new ConcurrentHashMap<>();
    static final long LIBRARY;
    static final @Nullable String OBSTACLE;

    static {
      long library = 0;
      String obstacle = null;
      try {
        library = HelperLibrary.load();
      } catch (UnsupportedOperationException e) {
        obstacle = e.getMessage();
      }
      LIBRARY = library;
      OBSTACLE = obstacle;
    }
  }

  private ForkHelper() {}

  /** Why this process cannot be forked, and what to do about it; null if it can. */
  public static @Nullable String obstacle() {
    if ("off".equals(System.getProperty(PROPERTY))) {
      return "forking is switched off: start the JVM without -D" + PROPERTY + "=off";
    }
    return Holder.OBSTACLE;
  }

  /**
   * Forks this process together with all of its threads; not to be called by two threads at a time.
   *
   * @param sibling whether the new process is to be a child of this one's parent
   * @param boundNanos how long to wait for the threads to stop
   * @return 0 in the new process, its pid in this one
   * @throws OsException if it was not forked; then all threads go on as before
   * @throws UnsupportedOperationException if there is an {@link #obstacle}
   */
  public static long forkAll(boolean sibling, long boundNanos) {
    long result = call("mp_fork", sibling ? 1 : 0, boundNanos);
    if (result < 0) {
      throw failure((int) -result, boundNanos);
    }
    return result;
  }

  /**
   * Ends this process, which was forked, as {@code System.exit} would, hooks and all, but without
   * taking the virtual machine down.
   */
  public static void leave(int status) {
    call("mp_leave", status);
    System.exit(status); // in a Java that is made otherwise
  }

  private static OsException failure(int errno, long boundNanos) {
    return switch (errno) {
      case Errno.ETIMEDOUT ->
          OsException.of(
              errno,
              "fork: a thread did not stop within "
                  + TimeUnit.NANOSECONDS.toMillis(boundNanos)
                  + " ms; all threads go on as before");
      case Errno.ENOSYS ->
          OsException.of(
              errno, "fork: the helper does not find its way in the threads of this C library");
      default -> new OsException("fork", errno);
    };
  }

  /**
   * Calls a function of the helper that takes integers and pointers, and gives a long.
   *
   * @throws UnsupportedOperationException if there is an {@link #obstacle}
   */
  static long call(String function, long... arguments) {
    String obstacle = obstacle();
    if (obstacle != null) {
      throw new UnsupportedOperationException(obstacle);
    }
    MethodHandle handle = Holder.FUNCTIONS.get(function);
    if (handle == null) {
      handle = find(function);
      Holder.FUNCTIONS.put(function, handle);
    }
    return SystemCall.result(handle, arguments);
  }

  private static MethodHandle find(String function) {
    try (Arena arena = Arena.ofConfined()) {
      long name = arena.allocateFrom(function).address();
      long address = SystemCall.result(Holder.DLSYM, Holder.LIBRARY, name);
      if (address == 0) {
        throw new IllegalArgumentException("the fork helper has no function " + function);
      }
      return SystemCall.bind(address);
    }
  }
}
