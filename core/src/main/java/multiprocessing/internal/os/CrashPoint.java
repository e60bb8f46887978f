package multiprocessing.internal.os;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Places at which a test lets a process die as if by {@code kill -9}.
 *
 * <p>The system property {@code multiprocessing.crashPoint} names the place, as {@code name} or
 * {@code name:n} for the n-th time it is reached. Where it names none that there is, a test can
 * {@link #arm} one later, as in a child that is a copy of another process. Without the property
 * every place is one check of a constant, which the compiler removes.
 */
public final class CrashPoint {
  private static final @Nullable String ARMED = System.getProperty("multiprocessing.crashPoint");
  private static final AtomicInteger LEFT = new AtomicInteger(countOf(ARMED));
  private static volatile String place = nameOf(ARMED);

  private CrashPoint() {}

  /** Ends the process here if this place is armed. */
  public static void at(String name) {
    if (ARMED != null) {
      check(name);
    }
  }

  /**
   * Arms a place in this process, instead of the one before.
   *
   * @param armed what the property could say
   * @throws IllegalStateException if the virtual machine was started without the property
   */
  public static void arm(String armed) {
    if (ARMED == null) {
      throw new IllegalStateException(
          "no place can be armed: start with -Dmultiprocessing.crashPoint=later");
    }
    LEFT.set(countOf(armed));
    place = nameOf(armed);
  }

  private static void check(String name) {
    if (name.equals(place) && LEFT.decrementAndGet() == 0) {
      boolean _ = ProcessControl.signal(ProcessControl.pid(), ProcessControl.SIGKILL);
      while (true) {
        Thread.onSpinWait(); // the signal is on its way; nothing after this line may run
      }
    }
  }

  private static String nameOf(@Nullable String armed) {
    String text = armed == null ? "" : armed;
    int colon = text.indexOf(':');
    return colon < 0 ? text : text.substring(0, colon);
  }

  private static int countOf(@Nullable String armed) {
    int colon = armed == null ? -1 : armed.indexOf(':');
    return armed == null || colon < 0 ? 1 : Integer.parseInt(armed.substring(colon + 1));
  }
}
