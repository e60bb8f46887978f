package multiprocessing.internal.os;

import java.lang.foreign.Arena;
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
  /** The property by which a child is told of the {@link #file}. */
  public static final String FILE_PROPERTY = HelperLibrary.PLACE;

  private static final class Holder {
    static final ConcurrentMap<String, Long> FUNCTIONS = new ConcurrentHashMap<>();
    static final long LIBRARY; // 0 where it is linked
    static final @Nullable String OBSTACLE;

    static {
      long library = 0;
      String obstacle = null;
      try {
        library = HelperLibrary.IS_LINKED ? 0 : HelperLibrary.load();
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
    if (HelperLibrary.isOff()) {
      return "forking is switched off: start the JVM without -D" + HelperLibrary.SWITCH + "=off";
    }
    return Holder.OBSTACLE;
  }

  /** The file from which children can load the helper at once; null if there is none. */
  public static @Nullable String file() {
    return HelperLibrary.FILE;
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
    prepareToLeave();
    long result = call("mp_fork", sibling ? 1 : 0, boundNanos);
    if (result < 0) {
      throw failure((int) -result, boundNanos);
    }
    if (result == 0) {
      long _ = call("mp_seeds_anew");
    }
    return result;
  }

  /**
   * For a process that was forked: what it has of the virtual machine's threads so far is what it
   * cannot do without. The others come in {@code nanos} from now; said again, that counts.
   */
  public static void completeIn(long nanos) {
    long _ = call("mp_threads_soon", nanos);
  }

  /**
   * For the one thread that will {@link #forkAll}: from now on each new process draws random
   * numbers of its own from what the JDK has one of for all.
   *
   * @param any whether any generator may have been used; if not, the rare ones are left alone
   */
  public static void prepareSeeds(boolean any) {
    long _ = call("mp_seeds_ready", any ? 1 : 0);
    long _ = address("mp_seeds_anew");
  }

  /**
   * Ends this process, which was forked, as {@code System.exit} would, hooks and all, but without
   * taking the virtual machine down.
   */
  public static void leave(int status) {
    call("mp_leave", status);
    System.exit(status); // in a Java that is made otherwise
  }

  /**
   * Gives memory back that the C library keeps for later, and makes huge pages of blocks that are
   * in use for the most part: each fork has to copy the tables of all pages.
   *
   * @return how many huge pages were made
   */
  public static long tidyPages() {
    return call("mp_tidy_pages");
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

  /** Looks up what a fork will call: there, a lock of the dynamic linker may be held for ever. */
  static void prepareToLeave() {
    if (obstacle() == null) {
      long _ = address("mp_leave");
      long _ = address("mp_threads_soon");
    }
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
    return SystemCall.result(address(function), arguments);
  }

  private static long address(String function) {
    Long address = Holder.FUNCTIONS.get(function);
    if (address == null) {
      address = find(function);
      Holder.FUNCTIONS.put(function, address);
    }
    return address;
  }

  private static long find(String function) {
    long address;
    if (HelperLibrary.IS_LINKED) {
      address = SystemCall.findByHelper(function);
    } else {
      try (Arena arena = Arena.ofConfined()) {
        long name = arena.allocateFrom(function).address();
        address = SystemCall.result(SystemCall.find("dlsym"), Holder.LIBRARY, name);
      }
    }
    if (address == 0) {
      throw new IllegalArgumentException("the fork helper has no function " + function);
    }
    return address;
  }
}
