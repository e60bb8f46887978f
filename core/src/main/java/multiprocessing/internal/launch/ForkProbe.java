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

  static void run() {
    try {
      Class<?> fresh = Class.forName(ForkProbe.class.getName() + "$New");
      int[] answer = new int[1];
      Thread thread = Thread.ofPlatform().unstarted(() -> answer[0] = fresh.getModifiers());
      thread.start();
      thread.join();
      if (answer[0] != fresh.getModifiers()) {
        throw new IllegalStateException("a thread has come to nothing");
      }
    } catch (ClassNotFoundException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
