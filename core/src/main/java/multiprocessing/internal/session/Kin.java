package multiprocessing.internal.session;

/** A child, as the end of its parent concerns it. */
public interface Kin {
  String name();

  boolean isDaemon();

  void terminate();

  void kill();

  /** Waits for its end, for at most some time; gives whether it has ended. */
  boolean join(long nanos) throws InterruptedException;
}
