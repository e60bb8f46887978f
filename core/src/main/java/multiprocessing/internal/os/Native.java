package multiprocessing.internal.os;

import java.lang.foreign.ValueLayout;

/** How integers and pointers lie in memory here. */
final class Native {
  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  private Native() {}

  /** A downcall declares {@link Throwable}; none of ours throws a checked exception. */
  static RuntimeException impossible(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    if (thrown instanceof RuntimeException runtime) {
      return runtime;
    }
    return new IllegalStateException(thrown);
  }
}
