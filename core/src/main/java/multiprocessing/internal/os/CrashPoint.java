package multiprocessing.internal.os;

import org.jspecify.annotations.Nullable;

/**
 * Places at which a test lets a process die as if by {@code kill -9}.
 *
 * <p>The system property {@code multiprocessing.crashPoint} names the place, as {@code name} or
 * {@code name:n} for the n-th time it is reached. Without it every place is one check of a
 * constant, which the compiler removes.
 */
public final class CrashPoint {
  private static final @Nullable String ARMED = System.getProperty("multiprocessing.crashPoint");
  private static int left = ARMED == null ? 0 : countOf(ARMED);

  private CrashPoint() {}

  /** Ends the process here if this place is armed. */
  public static void at(String name) {
    if (ARMED != null) {
      check(name);
    }
  }

  private static synchronized void check(String name) {
    if (name.equals(nameOf(ARMED)) && --left == 0) {
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

  private static int countOf(String armed) {
    int colon = armed.indexOf(':');
    return colon < 0 ? 1 : Integer.parseInt(armed.substring(colon + 1));
  }
}
