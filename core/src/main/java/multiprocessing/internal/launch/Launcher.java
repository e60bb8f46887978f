package multiprocessing.internal.launch;

/** One way to start a child. */
public interface Launcher {
  /**
   * Starts a child, and does not wait for it.
   *
   * @throws multiprocessing.error.StartException if the system refuses
   */
  Launched launch(LaunchRequest request);
}
