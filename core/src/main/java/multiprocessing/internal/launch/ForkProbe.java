package multiprocessing.internal.launch;

/**
 * Does once, in a fork of a running JVM, what every program needs of its virtual machine. A fork
 * that hangs in it has inherited a lock that nobody in it will ever give back; its parent notices,
 * and forks another one.
 */
final class ForkProbe extends Thread {
  private int answer;

  private ForkProbe() {
    setDaemon(true);
  }

  /** Not loaded by a parent that is no fork itself, so that its child has to. */
  @SuppressWarnings("UnusedNestedClass") // its name is used
  private static final class New {}

  /** No lambda: it is on the way of each start. */
  @Override
  public void run() {
    answer = 1;
  }

  /** Loads a class, and starts a thread and waits for it. */
  static void pass() {
    try {
      Class<?> _ = Class.forName(ForkProbe.class.getName() + "$New");
      ForkProbe probe = new ForkProbe();
      probe.start();
      probe.join();
      if (probe.answer == 0) {
        throw new IllegalStateException("a thread has come to nothing");
      }
    } catch (ClassNotFoundException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
