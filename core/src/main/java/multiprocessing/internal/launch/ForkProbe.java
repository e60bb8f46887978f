package multiprocessing.internal.launch;

/**
 * Does once, in a fork of a running JVM, what every program needs of its virtual machine. A fork
 * that hangs in it has inherited a lock that nobody in it will ever give back; its parent notices,
 * and forks another one.
 */
final class ForkProbe {
  private ForkProbe() {}

  /** Not loaded by a parent that is no fork itself, so that its child has to. */
  @SuppressWarnings("UnusedNestedClass") // its name is used
  private static final class New {}

  /** Loads a class, and starts a thread and waits for it: one that the child needs anyway. */
  static ParentWatch pass() {
    try {
      Class<?> _ = Class.forName(ForkProbe.class.getName() + "$New");
      ParentWatch watch = ParentWatch.prepare();
      watch.awaitRunning();
      return watch;
    } catch (ClassNotFoundException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
